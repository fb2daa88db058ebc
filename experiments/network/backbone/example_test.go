package backbone_test

import (
	"fmt"
	"log"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// The digits network with Reciprocal Normalization, for a batch of two source and two
// target images.
func ExampleDigits() {
	rn, err := rnlayer.Lookup("rn")
	if err != nil {
		log.Fatal(err)
	}
	norm := rn.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())
	images := tensors.FromFlatDataAndDimensions(make([]float32, 4*28*28), 4, 28, 28, 1)
	out, err := model.CallOnceN(backend, model.NewStore(), func(scope *model.Scope, x *Node) []*Node {
		features, logits := backbone.Digits(scope, x, 10, norm)
		return []*Node{features, logits}
	}, images)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("features", out[0].Shape())
	fmt.Println("logits  ", out[1].Shape())
	// Output:
	// features (Float32)[4, 128]
	// logits   (Float32)[4, 10]
}

// A head with the paper's bottleneck, over the features of a ResNet-50.
func ExampleHead() {
	head := backbone.Head{Bottleneck: 256, Norm: true}
	features := tensors.FromFlatDataAndDimensions(make([]float32, 2*2048), 2, 2048)
	out, err := model.CallOnceN(backend, model.NewStore(), func(scope *model.Scope, x *Node) []*Node {
		features, logits := head.Build(scope, x, 65, backbone.FrozenNorm(1e-5))
		return []*Node{features, logits}
	}, features)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("features", out[0].Shape())
	fmt.Println("logits  ", out[1].Shape())
	// Output:
	// features (Float32)[2, 256]
	// logits   (Float32)[2, 65]
}

// Each tensor of a published ResNet has a variable in the network.
func ExampleResNet_Tensors() {
	resnet, err := backbone.LookupResNet("resnet50")
	if err != nil {
		log.Fatal(err)
	}
	tensors := resnet.Tensors()
	fmt.Printf("%s of %s: %d features, %d tensors, among them\n", resnet.Name(), resnet.Variant.Name, resnet.Features(), len(tensors))
	for _, t := range tensors[5:10] {
		fmt.Printf("%s %v at %s\n", t.Name, t.Shape, t.Path)
	}
	// Output:
	// resnet50 of torchvision: 2048 features, 265 tensors, among them
	// layer1.0.conv1.weight [64 64 1 1] at layer1/0/conv1/weights
	// layer1.0.bn1.weight [64] at layer1/0/conv1/norm/scale
	// layer1.0.bn1.bias [64] at layer1/0/conv1/norm/offset
	// layer1.0.bn1.running_mean [64] at layer1/0/conv1/norm/running_mean
	// layer1.0.bn1.running_var [64] at layer1/0/conv1/norm/running_variance
}
