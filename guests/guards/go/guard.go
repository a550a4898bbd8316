// A guard in Go: passes when an order is paid and its total is at least 40.
//
// Guard ABI v1: the host writes a request where `alloc` says and calls `eval`, which answers a region packed into 64
// bits, pointer above length. Built as a WASI reactor: `_initialize` starts the runtime.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unsafe"
)

// Objects and arrays inside one another, the outermost counted.
const depthMax = 128

// The request and the answer, which the host knows by address: the collector may not take them.
var request, answer []byte

// One request at a time: the one before is answered, so its memory is given back.
//
//go:wasmexport alloc
func alloc(size uint32) uint32 {
	request = make([]byte, size)
	return address(request)
}

//go:wasmexport eval
func eval(pointer, size uint32) uint64 {
	if pointer != address(request) || int(size) > len(request) {
		return reply(errMalformed)
	}
	return reply(verdict(request[:size]))
}

func reply(block error) uint64 {
	answer = []byte(`{"ok":true}`)
	if block != nil {
		answer = []byte(`{"ok":false,"reason":"` + block.Error() + `"}`)
	}
	return uint64(address(answer))<<32 | uint64(len(answer))
}

func address(buffer []byte) uint32 {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))
}

var (
	errMalformed = errors.New("malformed request")
	errUnpaid    = errors.New("status is not paid")
	errTooLittle = errors.New("total is not 40 or more")
)

// What is looked at; a nil is missing, or of another type.
type order struct {
	status *string
	total  *float64
}

func verdict(request []byte) error {
	if depth(request) > depthMax {
		return errMalformed
	}
	var found order
	decoder := json.NewDecoder(bytes.NewReader(request))
	err := members(decoder, func(name string) error {
		if name != "context" {
			return decoder.Decode(&ignored{})
		}
		found = order{}
		return found.read(decoder)
	})
	if _, end := decoder.Token(); err != nil || end != io.EOF {
		return errMalformed
	}
	switch {
	case found.status == nil || *found.status != "paid":
		return errUnpaid
	case found.total == nil || !(*found.total >= 40):
		return errTooLittle
	}
	return nil
}

func (o *order) read(decoder *json.Decoder) error {
	return members(decoder, func(name string) error {
		switch name {
		case "status":
			o.status = nil
			return decoder.Decode(&o.status)
		case "total":
			o.total = nil
			return decoder.Decode(&o.total)
		}
		return decoder.Decode(&ignored{})
	})
}

// Calls visit for each member of the object that comes next, to read its value. Not json.Unmarshal into a struct,
// which takes `STATUS` for `status`, nor into a map, which keeps everything.
func members(decoder *json.Decoder, visit func(name string) error) error {
	opening, err := decoder.Token()
	if err != nil || opening != json.Delim('{') {
		return errMalformed
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		if err := visit(name.(string)); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}

// How deep it is nested. The decoder's own bound, 10,000, needs more stack than a guest has.
func depth(request []byte) int {
	now, most := 0, 0
	inString, escaped := false, false
	for _, c := range request {
		switch {
		case inString:
			inString = escaped || c != '"'
			escaped = !escaped && c == '\\'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			now++
			most = max(most, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return most
}

// A value that is read over.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

func main() {}
