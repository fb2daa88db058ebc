package backbone_test

import (
	"fmt"
	"log"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

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
