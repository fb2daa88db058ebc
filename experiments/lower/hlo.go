package lower

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of XLA's messages (xla/service/hlo.proto, xla/xla_data.proto).
const (
	hloModule           = 1  // of HloProto
	hloComputations     = 3  // of HloModuleProto
	hloInstructions     = 2  // of HloComputationProto
	hloOpcode           = 2  // of HloInstructionProto, as the two that follow
	hloShape            = 3  //
	hloPrecision        = 51 //
	shapeElementType    = 2  // of ShapeProto
	precisionOfOperands = 1  // of PrecisionConfig
	precisionAlgorithm  = 2  //

	elementBFloat16  = 16 // of PrimitiveType
	precisionHighest = 2  // of PrecisionConfig.Precision
)

// forCUDA makes go-xla's program for CUDA of its program for an unknown device, a
// serialized HloProto: the two differ in matrix products of 16 bits. Where GoMLX
// asks for sums in float32, the unknown device is told an algorithm and CUDA is
// not; where it does not, CUDA is told the highest precision.
func forCUDA(program []byte) ([]byte, error) {
	return rewrite(program, []protowire.Number{hloModule, hloComputations, hloInstructions}, func(instruction []byte) ([]byte, error) {
		product, narrow := false, false
		err := fields(instruction, func(f field) {
			product = product || f.number == hloOpcode && string(f.bytes) == "dot"
			if f.number == hloShape {
				_ = fields(f.bytes, func(f field) { narrow = narrow || f.number == shapeElementType && f.value == elementBFloat16 })
			}
		})
		if err != nil || !product || !narrow {
			return instruction, err
		}
		return rewrite(instruction, []protowire.Number{hloPrecision}, func(config []byte) ([]byte, error) {
			var kept []byte
			algorithm := false
			err := fields(config, func(f field) {
				if f.number == precisionAlgorithm {
					algorithm = true
				} else {
					kept = append(kept, f.raw...)
				}
			})
			if err != nil || algorithm {
				return kept, err
			}
			tag := protowire.AppendTag(nil, precisionOfOperands, protowire.BytesType)
			return protowire.AppendBytes(tag, []byte{precisionHighest, precisionHighest}), nil
		})
	})
}

// field is a field of a serialized message.
type field struct {
	number protowire.Number
	value  uint64 // of a varint
	bytes  []byte // of a string or a message
	raw    []byte // with its key
}

// fields calls each with the fields of a serialized message.
func fields(message []byte, each func(field)) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeField(message)
		if n < 0 {
			return fmt.Errorf("this is not a protocol buffer: %w", protowire.ParseError(n))
		}
		f := field{number: number, raw: message[:n]}
		value := f.raw[protowire.SizeTag(number):]
		switch kind {
		case protowire.VarintType:
			f.value, _ = protowire.ConsumeVarint(value)
		case protowire.BytesType:
			f.bytes, _ = protowire.ConsumeBytes(value)
		}
		message = message[n:]
		each(f)
	}
	return nil
}

// rewrite edits the messages at a path of field numbers below a message.
func rewrite(message []byte, path []protowire.Number, edit func([]byte) ([]byte, error)) ([]byte, error) {
	if len(path) == 0 {
		return edit(message)
	}
	var out []byte
	var failed error
	err := fields(message, func(f field) {
		if f.number != path[0] || failed != nil {
			out = append(out, f.raw...)
			return
		}
		var inner []byte
		inner, failed = rewrite(f.bytes, path[1:], edit)
		out = protowire.AppendBytes(protowire.AppendTag(out, f.number, protowire.BytesType), inner)
	})
	return out, errors.Join(err, failed)
}
