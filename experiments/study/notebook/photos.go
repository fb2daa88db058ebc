package notebook

import (
	"cmp"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
)

// PhotosVariable names the folder of the user's own photographs.
const PhotosVariable = "RN_PHOTOS"

// Photos returns the folder of a benchmark's photographs. It looks in $RN_DATA
// (digits.DataEnv) or, if that is unset, in the checkout's data folder, which is
// ../data for a notebook. It returns "" if the folder does not exist.
func Photos(benchmark string) string {
	data := cmp.Or(os.Getenv(digits.DataEnv), filepath.Join("..", digits.DefaultData))
	dir := filepath.Join(data, benchmark)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}
