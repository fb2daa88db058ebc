package platform

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// cudaPluginFile is the file name by which go-xla recognizes the CUDA plugin.
const cudaPluginFile = "pjrt_c_api_cuda_plugin.so"

// cudaDir is the folder, below the folder of the other plugins, that holds the CUDA plugin and NVIDIA's libraries. The
// plugin looks for the libraries in ../nvidia, so the name is fixed.
const cudaDir = "nvidia"

// cudaWheel holds XLA's own CUDA plugin as JAX distributes it for CUDA 12, PJRT 0.112, Apache-2.0. CUDA 12 needs driver
// 525 or later.
var cudaWheel = fetch.Wheel{
	Project: "jax-cuda12-pjrt", Version: "0.10.2", Platform: "manylinux_2_27_x86_64",
	SHA256: "806d1fd29038b6acf5a2b289dd62192abea977ee26aef60ea295b1d28a23acf8",
}

const (
	cudaWheelMember       = "jax_plugins/xla_cuda12/xla_cuda_plugin.so"
	cudaWheelMemberSHA256 = "bb8f2dbb4eed2c5d3a128d919f651069f803dac809719c7cda8254aba20bfdce"
)

// cudaLibraries are the NVIDIA libraries that JAX requires besides the plugin, under NVIDIA's licences, by their folder in
// the wheel, where the plugin looks for them.
var cudaLibraries = map[string]fetch.Wheel{
	"cublas":       {Project: "nvidia-cublas-cu12", Version: "12.9.3.13", SHA256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72"},
	"cuda_cupti":   {Project: "nvidia-cuda-cupti-cu12", Version: "12.9.79", SHA256: "096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f"},
	"cuda_nvcc":    {Project: "nvidia-cuda-nvcc-cu12", Version: "12.9.86", SHA256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0"},
	"cuda_nvrtc":   {Project: "nvidia-cuda-nvrtc-cu12", Version: "12.9.86", SHA256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4"},
	"cuda_runtime": {Project: "nvidia-cuda-runtime-cu12", Version: "12.9.79", SHA256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3"},
	"cudnn":        {Project: "nvidia-cudnn-cu12", Version: "9.28.0.42", SHA256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375"},
	"cufft":        {Project: "nvidia-cufft-cu12", Version: "11.4.1.4", SHA256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28"},
	"cusolver":     {Project: "nvidia-cusolver-cu12", Version: "11.7.5.82", SHA256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88"},
	"cusparse":     {Project: "nvidia-cusparse-cu12", Version: "12.5.10.65", SHA256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78"},
	"nccl":         {Project: "nvidia-nccl-cu12", Version: "2.32.3", SHA256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c"},
	"nvjitlink":    {Project: "nvidia-nvjitlink-cu12", Version: "12.9.86", SHA256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9"},
	"nvshmem":      {Project: "nvidia-nvshmem-cu12", Version: "3.8.0", SHA256: "b2e5760d6158aefe7bb74348d5128bb1b46a7dd1fd4b7b1e6fe55b4b07888f70"},
}

// SetupCUDA makes sure that the CUDA plugin and NVIDIA's libraries for it are installed, and returns the plugin's path.
// All of them are pinned wheels: 3.2 GB to fetch, 4.9 GB on disk. SetupCUDA skips what is installed already, without
// touching the network, so an interrupted set-up continues where it stopped. It installs the plugin last: New finds the
// plugin only together with its libraries. Installing needs neither a GPU nor the driver, which only the machine's owner
// can install. SetupCUDA writes its progress to progress, unless that is nil.
func SetupCUDA(ctx context.Context, progress io.Writer) (string, error) {
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != "linux/amd64" {
		return "", fmt.Errorf("installing the XLA CUDA plugin: this project knows no wheel for %s", platform)
	}
	plugins, err := pluginDir()
	if err != nil {
		return "", err
	}
	if progress == nil {
		progress = io.Discard
	}
	dir := filepath.Join(plugins, cudaDir)
	for _, library := range slices.Sorted(maps.Keys(cudaLibraries)) {
		wheel := cudaLibraries[library]
		wheel.Progress = progress
		if err := wheel.ExtractDir(ctx, cudaDir+"/"+library, filepath.Join(dir, library)); err != nil {
			return "", fmt.Errorf("installing the libraries of the XLA CUDA plugin: %w", err)
		}
	}
	if err := linkCompiler(dir); err != nil {
		return "", fmt.Errorf("installing the libraries of the XLA CUDA plugin: %w", err)
	}
	path := filepath.Join(dir, cudaPluginFile)
	wheel := cudaWheel
	wheel.Progress = progress
	if err := wheel.ExtractFile(ctx, cudaWheelMember, cudaWheelMemberSHA256, path); err != nil {
		return "", fmt.Errorf("installing the XLA CUDA plugin: %w", err)
	}
	_ = keepSum(path) // A read-only cache keeps no record; the pinned sha256 is enough.
	fmt.Fprintf(progress, "XLA CUDA plugin: %s\n", path)
	return path, nil
}

// linkCompiler makes dir look like a CUDA toolkit, with programs in bin and the compiler's library in nvvm: go-xla tells
// XLA to look for the toolkit there.
func linkCompiler(dir string) error {
	for _, name := range []string{"bin", "nvvm"} {
		link, target := filepath.Join(dir, name), filepath.Join("cuda_nvcc", name)
		if current, err := os.Readlink(link); err == nil && current == target {
			continue
		}
		if err := os.RemoveAll(link); err != nil {
			return err
		}
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	return nil
}
