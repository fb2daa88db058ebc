package notebook

import (
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
)

// PhotosVariable names the folder of somebody's own photographs.
const PhotosVariable = "RN_PHOTOS"

// Photos is the folder of a benchmark's photographs: below that of
// digits.DataEnv, or in shared/data beside the checkout; empty where it is in
// neither.
func Photos(benchmark string) string {
	for _, data := range []string{os.Getenv(digits.DataEnv), filepath.Join("..", "..", "shared", "data")} {
		if data == "" {
			continue
		}
		dir := filepath.Join(data, benchmark)
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return ""
}
