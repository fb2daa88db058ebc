package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
)

// addDecodeMemoryFlag adds --decode-memory.
func addDecodeMemoryFlag(cmd *cobra.Command) {
	usage := fmt.Sprintf("`MIB` of memory for photographs that are being decoded, over all workers (default %d)", photo.DefaultMemory>>20)
	cmd.Flags().Func("decode-memory", usage, func(text string) error {
		mebibytes, err := strconv.ParseInt(text, 10, 32)
		if err != nil || mebibytes < 1 {
			return errors.New("want a number of mebibytes, at least 1")
		}
		photo.SetMemory(mebibytes << 20)
		return nil
	})
}
