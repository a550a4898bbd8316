//! A guard in Zig: passes when an order is paid and its total is at least 40.
//!
//! Guard ABI v1: the host writes a request where `alloc` says and calls `eval`, which answers a region packed into 64
//! bits, pointer above length.

const std = @import("std");

/// Objects and arrays inside one another, the outermost counted.
const depth_max = 128;

/// Members by other names are ignored; one that is there twice is an error.
const Request = struct {
    context: struct {
        // Values, not `[]const u8` and `f64`: for those, std.json takes a list of bytes and a string of digits too.
        status: std.json.Value,
        total: std.json.Value,
    },
};

var request: []u8 = &.{};

/// One request at a time: the one before is answered, so its memory is given back. 0 where there is none.
export fn alloc(size: usize) usize {
    std.heap.wasm_allocator.free(request);
    // Never none at all: the address of an empty slice lies outside the memory.
    request = std.heap.wasm_allocator.alloc(u8, @max(size, 1)) catch {
        request = &.{};
        return 0;
    };
    return @intFromPtr(request.ptr);
}

export fn eval(ptr: [*]const u8, size: usize) u64 {
    var arena = std.heap.ArenaAllocator.init(std.heap.wasm_allocator);
    defer arena.deinit();
    const answer = verdict(arena.allocator(), ptr[0..size]);
    return @as(u64, @intFromPtr(answer.ptr)) << 32 | answer.len;
}

fn verdict(allocator: std.mem.Allocator, json: []const u8) []const u8 {
    const malformed =
        \\{"ok":false,"reason":"malformed request"}
    ;
    if (depth(json) > depth_max) return malformed;
    const read = std.json.parseFromSliceLeaky(Request, allocator, json, .{
        .ignore_unknown_fields = true,
        // Numbers stay text: the parser's own integers end at 64 bits.
        .parse_numbers = false,
    }) catch return malformed;
    if (!isPaid(read.context.status)) return
    \\{"ok":false,"reason":"status is not paid"}
    ;
    if (!isEnough(read.context.total)) return
    \\{"ok":false,"reason":"total is not 40 or more"}
    ;
    return
    \\{"ok":true}
    ;
}

fn isPaid(status: std.json.Value) bool {
    return switch (status) {
        .string => |text| std.mem.eql(u8, text, "paid"),
        else => false,
    };
}

fn isEnough(total: std.json.Value) bool {
    const text = switch (total) {
        .number_string => |text| text,
        else => return false,
    };
    const number = std.fmt.parseFloat(f64, text) catch return false;
    return number >= 40 and std.math.isFinite(number);
}

/// How deep it is nested; std.json sets no bound of its own.
fn depth(json: []const u8) usize {
    var now: usize = 0;
    var most: usize = 0;
    var in_string = false;
    var escaped = false;
    for (json) |byte| {
        if (in_string) {
            in_string = escaped or byte != '"';
            escaped = !escaped and byte == '\\';
        } else switch (byte) {
            '"' => in_string = true,
            '{', '[' => {
                now += 1;
                most = @max(most, now);
            },
            '}', ']' => now -|= 1,
            else => {},
        }
    }
    return most;
}
