package platform

import (
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/xla/trusted"
)

// checkTrusted returns an error if the plugin at path, or the file that it links to, lies in this project's cache folder
// and somebody other than the user and root can have written it. A plugin elsewhere is the choice of the user or the
// administrator. For the CUDA plugin the libraries that it opens count, too.
func checkTrusted(path string) error {
	root, err := fetch.CacheDir()
	if err != nil {
		return nil // Without a cache folder the plugin is not in it.
	}
	if err := trustedIn(root, path); err != nil {
		return err
	}
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil // The cache folder does not exist.
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	return trustedIn(realRoot, real)
}

// trustedIn is checkTrusted without following links to the plugin.
func trustedIn(root, path string) error {
	below, err := filepath.Rel(root, path)
	if err != nil || !filepath.IsLocal(below) {
		return nil
	}
	if dir := filepath.Dir(path); kind(path) == cuda && filepath.Base(dir) == cudaDir {
		return trusted.Tree(root, dir)
	}
	return trusted.Path(root, path)
}
