// A guard in AssemblyScript: passes when an order is paid and its total is at least 40.
//
// Guard ABI v1: the host writes a request where `alloc` says and calls `eval`, which answers a region packed into 64
// bits, pointer above length.
//
// The parser is its own, because AssemblyScript catches no exceptions: a library that throws at the first wrong byte
// would end the call. Every byte is read through `peek`, which looks at none behind the request.

// Objects and arrays inside one another, the outermost counted. Each takes a few frames of the stack.
const DEPTH_MAX: i32 = 128;

// What is read behind the last byte, and the unit of what is none.
const END: i32 = -1;

const PASS = '{"ok":true}';
const MALFORMED = '{"ok":false,"reason":"malformed request"}';
const UNPAID = '{"ok":false,"reason":"status is not paid"}';
const TOO_LITTLE = '{"ok":false,"reason":"total is not 40 or more"}';

// The request and the answer, which the host knows by address: as globals, the collector leaves them.
let request = new StaticArray<u8>(0);
let answer = new ArrayBuffer(0);

// One request at a time: the one before is answered, so its memory is given back.
export function alloc(size: i32): usize {
  request = new StaticArray<u8>(size);
  return changetype<usize>(request);
}

export function eval(ptr: usize, size: i32): u64 {
  const known = ptr == changetype<usize>(request) && <u32>size <= <u32>request.length;
  answer = String.UTF8.encode(known ? verdict(ptr, size) : MALFORMED);
  return (<u64>changetype<usize>(answer) << 32) | <u64>answer.byteLength;
}

function verdict(ptr: usize, size: i32): string {
  const order = new Reader(ptr, ptr + size);
  if (!order.value(1, Place.Request) || order.peek() != END) return MALFORMED;
  if (!order.isPaid) return UNPAID;
  if (!(order.total >= 40 && isFinite(order.total))) return TOO_LITTLE;
  return PASS;
}

// The values that matter; everything else is only checked.
enum Place { Elsewhere, Request, Context, Status, Total }

// Reads JSON where it lies. Of members with the same name the last one counts.
class Reader {
  // Found so far.
  isPaid: bool = false;
  total: f64 = NaN;

  constructor(private at: usize, private end: usize) {}

  // @ts-ignore: decorator
  @inline
  peek(): i32 {
    return this.at < this.end ? <i32>load<u8>(this.at) : END;
  }

  // @ts-ignore: decorator
  @inline
  take(byte: i32): bool {
    if (this.peek() != byte) return false;
    this.at++;
    return true;
  }

  blanks(): void {
    for (let byte = this.peek(); byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d; byte = this.peek()) {
      this.at++;
    }
  }

  // Reads one value and the blanks around it.
  value(depth: i32, place: Place): bool {
    this.blanks();
    if (place == Place.Context || place == Place.Status) this.isPaid = false;
    if (place == Place.Context || place == Place.Total) this.total = NaN;
    let read: bool;
    switch (this.peek()) {
      case 0x7b: read = depth <= DEPTH_MAX && this.object(depth, place); break;
      case 0x5b: read = depth <= DEPTH_MAX && this.array(depth); break;
      case 0x22: read = this.status(place); break;
      case 0x74: read = this.word("true"); break;
      case 0x66: read = this.word("false"); break;
      case 0x6e: read = this.word("null"); break;
      default: read = this.number(place);
    }
    this.blanks();
    return read;
  }

  object(depth: i32, place: Place): bool {
    this.take(0x7b);
    this.blanks();
    if (this.take(0x7d)) return true;
    do {
      this.blanks();
      const start = this.at;
      if (!this.string()) return false;
      const inside = this.inside(place, start);
      this.blanks();
      if (!this.take(0x3a) || !this.value(depth + 1, inside)) return false;
    } while (this.take(0x2c));
    return this.take(0x7d);
  }

  array(depth: i32): bool {
    this.take(0x5b);
    this.blanks();
    if (this.take(0x5d)) return true;
    do {
      if (!this.value(depth + 1, Place.Elsewhere)) return false;
    } while (this.take(0x2c));
    return this.take(0x5d);
  }

  // Where the member leads whose name was read from `start` on.
  inside(place: Place, start: usize): Place {
    if (place == Place.Request && this.equals(start, "context")) return Place.Context;
    if (place == Place.Context && this.equals(start, "status")) return Place.Status;
    if (place == Place.Context && this.equals(start, "total")) return Place.Total;
    return Place.Elsewhere;
  }

  status(place: Place): bool {
    const start = this.at;
    if (!this.string()) return false;
    if (place == Place.Status) this.isPaid = this.equals(start, "paid");
    return true;
  }

  string(): bool {
    if (!this.take(0x22)) return false;
    while (!this.take(0x22)) {
      if (this.unit() == END) return false;
    }
    return true;
  }

  // Whether the string that begins at `start` and was read before is `wanted`, which is ASCII: a byte of a longer
  // character equals nothing in it.
  equals(start: usize, wanted: string): bool {
    const behind = this.at;
    this.at = start + 1;
    let same = true;
    for (let i = 0; same && i < wanted.length; i++) {
      same = this.peek() != 0x22 && this.unit() == wanted.charCodeAt(i);
    }
    same = same && this.take(0x22);
    this.at = behind;
    return same;
  }

  // @ts-ignore: decorator
  @inline
  // One byte of a string, or the UTF-16 unit that an escape stands for; `END` for what may not be in one.
  unit(): i32 {
    const byte = this.peek();
    if (byte < 0x20) return END;
    this.at++;
    return byte == 0x5c ? this.escape() : byte;
  }

  // What stands behind a backslash.
  escape(): i32 {
    const byte = this.peek();
    this.at++;
    switch (byte) {
      case 0x22: case 0x5c: case 0x2f: return byte;
      case 0x62: return 0x08;
      case 0x66: return 0x0c;
      case 0x6e: return 0x0a;
      case 0x72: return 0x0d;
      case 0x74: return 0x09;
      case 0x75: return this.hex();
      default: return END;
    }
  }

  // Four hexadecimal digits.
  hex(): i32 {
    let code = 0;
    for (let i = 0; i < 4; i++, this.at++) {
      const byte = this.peek();
      const letter = (byte | 0x20) - 0x61;
      if (isDigit(byte)) code = code * 16 + byte - 0x30;
      else if (byte > 0 && letter >= 0 && letter < 6) code = code * 16 + letter + 10;
      else return END;
    }
    return code;
  }

  number(place: Place): bool {
    const start = this.at;
    this.take(0x2d);
    if (!this.take(0x30) && !this.digits()) return false;
    if (this.take(0x2e) && !this.digits()) return false;
    if (this.take(0x65) || this.take(0x45)) {
      if (!this.take(0x2b)) this.take(0x2d);
      if (!this.digits()) return false;
    }
    if (place == Place.Total) {
      this.total = parseFloat(String.UTF8.decodeUnsafe(start, this.at - start));
    }
    return true;
  }

  digits(): bool {
    const start = this.at;
    while (isDigit(this.peek())) this.at++;
    return this.at > start;
  }

  word(wanted: string): bool {
    for (let i = 0; i < wanted.length; i++) {
      if (!this.take(wanted.charCodeAt(i))) return false;
    }
    return true;
  }
}

// @ts-ignore: decorator
@inline
function isDigit(byte: i32): bool {
  return byte >= 0x30 && byte <= 0x39;
}
