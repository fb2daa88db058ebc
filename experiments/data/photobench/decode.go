package photobench

import "github.com/reciprocalnorm/rn/experiments/data/photo"

// decode reports why a file is no photograph that training can read.
func decode(path string) error {
	_, err := photo.Open(path)
	return err
}
