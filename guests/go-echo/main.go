// A service guest in Go (service ABI v1): a garbage-collected language with a runtime of its own in the box.
//
// Built as a WASI reactor: `_initialize` starts the runtime, then the exports may be called.
package main

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Buffers that the host knows by address; without this map the collector would take them back.
var live = map[uint32][]byte{}

//go:wasmexport alloc
func alloc(size uint32) uint32 {
	return keep(make([]byte, size))
}

// Answers the request map as it came: {"ok": <request>}.
//
//go:wasmexport echo
func echo(pointer unsafe.Pointer, length uint32) uint64 {
	return answer(request(pointer, length))
}

// Indexes a slice of three beyond its end.
//
//go:wasmexport boom
func boom(pointer unsafe.Pointer, length uint32) uint64 {
	list := []byte{1, 2, 3}
	return uint64(list[3+length])
}

// Fills and drops some 64 MB a few KB at a time, so that the collector has to run; answers the request's length.
//
//go:wasmexport churn
func churn(pointer unsafe.Pointer, length uint32) uint64 {
	sum := 0
	for range 16384 {
		garbage := make([]byte, 4096)
		garbage[length%4096] = 1
		sum += len(garbage)
	}
	return answer(text(strconv.Itoa(sum)))
}

// Tries everything that a guest without rights must not get, and answers what it saw.
//
//go:wasmexport reach
func reach(pointer unsafe.Pointer, length uint32) uint64 {
	_, readErr := os.ReadFile("/etc/passwd")
	writeErr := os.WriteFile("out", []byte("x"), 0o600)
	_, listErr := os.ReadDir(".")
	start := time.Now()
	time.Sleep(time.Hour)
	seen := []string{
		"args " + strconv.Itoa(len(os.Args)),
		"env " + strconv.Itoa(len(os.Environ())),
		"read " + strconv.FormatBool(readErr == nil),
		"write " + strconv.FormatBool(writeErr == nil),
		"list " + strconv.FormatBool(listErr == nil),
		"slept " + time.Since(start).Round(time.Minute).String(),
		"since " + start.UTC().Format(time.RFC3339),
	}
	return answer(text(strings.Join(seen, "; ")))
}

func request(pointer unsafe.Pointer, length uint32) []byte {
	return unsafe.Slice((*byte)(pointer), length)
}

// A MessagePack string of up to 65,535 bytes.
func text(value string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xda}, uint16(len(value))), value...)
}

// The response map {"ok": value}, as pointer and length in one.
func answer(value []byte) uint64 {
	response := append([]byte{0x81, 0xa2, 'o', 'k'}, value...)
	return uint64(keep(response))<<32 | uint64(len(response))
}

func keep(buffer []byte) uint32 {
	pointer := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))
	live[pointer] = buffer
	return pointer
}

func main() {}
