package photobench

import "github.com/reciprocalnorm/rn/experiments/data/photo"

// decode returns an error if training could not read the file.
func decode(path string) error {
	_, err := photo.Open(path)
	return err
}
