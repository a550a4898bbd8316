//! Pictures of any bytes through every function of the image guest, natively: an answer that is what was asked for, or
//! an error with a name.

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_image::budget::SIDE_MAX;
use wardian_guest_image::{FUNCTIONS, call};

/// Pixels of a picture that is decoded here. The guest's own limits are a hundred times as high and have tests.
const PIXELS_MAX: i128 = 1 << 19;
/// Bytes of the choices, at the end of the input: so that a picture is a seed as it is.
const CHOICES: usize = 16;
/// Bytes of an error's message: a dozen problems, each with what was given, cut.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// Hands the bytes to a function as they are, then as a picture with options.
pub fn image(data: &[u8]) {
    let choices = Choices::of(data);
    answered(choices.function, data);
    answered("blurhash_decode", &hash(data, &choices));

    let Some(info) = answered("info", &request(Arguments::new().with("image", data))) else {
        return;
    };
    let side = |name| info.get(name).and_then(Value::as_int).unwrap_or(0);
    for name in ["width", "height", "upright_width", "upright_height"] {
        assert!((1..=i128::from(SIDE_MAX)).contains(&side(name)), "{info:?}");
    }
    if side("width") * side("height") > PIXELS_MAX {
        return;
    }
    let asked = choices.arguments().with("image", data);
    if let Some(answer) = answered(choices.function, &request(asked)) {
        pictured(&answer, &choices);
    }
}

fn request(arguments: Arguments<'_>) -> Vec<u8> {
    match arguments.encode() {
        Ok(bytes) => bytes,
        Err(error) => panic!("no request: {error}"),
    }
}

fn hash(data: &[u8], choices: &Choices) -> Vec<u8> {
    let text = String::from_utf8_lossy(data.get(..200).unwrap_or(data)).into_owned();
    let asked = Arguments::new()
        .with("hash", text)
        .with("width", choices.small(2))
        .with("height", choices.small(3))
        .with("punch", f64::from(choices.bytes[4]) / 20.0);
    request(asked)
}

/// The answer, if it is no error; an error has a code of this guest and a message that is not endless.
fn answered(function: &str, request: &[u8]) -> Option<Value<'static>> {
    let bytes = call(function, request);
    match Response::decode(&bytes, &DecodeLimits::default()) {
        Ok(Response::Ok(value)) => Some(value.into_owned()),
        Ok(Response::Err(error)) => {
            assert!(error.code.starts_with("image."), "{error:?}");
            assert!(error.message.len() <= MESSAGE_BYTES_MAX, "{error:?}");
            None
        }
        Err(error) => panic!("`{function}` answered with no response: {error}"),
    }
}

/// The picture in an answer is one, of the sides that the answer says and of no more than was asked for.
fn pictured(answer: &Value<'_>, choices: &Choices) {
    let Some(bytes) = answer.get("bytes").and_then(Value::as_bytes) else {
        return;
    };
    let Some(info) = answered("info", &request(Arguments::new().with("image", bytes))) else {
        panic!("what was written cannot be read: {answer:?}");
    };
    for name in ["width", "height", "format"] {
        assert_eq!(info.get(name), answer.get(name), "{name}");
    }
    let side = |name| info.get(name).and_then(Value::as_int).unwrap_or(0);
    let size = i128::from(choices.small(2));
    if choices.function == "thumbnail" {
        assert!(side("width") <= size && side("height") <= size, "{info:?}");
    }
    if choices.function == "crop" {
        assert_eq!(
            (side("width"), side("height")),
            (size, i128::from(choices.small(3)))
        );
    }
}

/// What the last bytes choose.
struct Choices {
    function: &'static str,
    bytes: [u8; CHOICES],
}

impl Choices {
    fn of(data: &[u8]) -> Choices {
        let mut bytes = [0; CHOICES];
        let tail = &data[data.len().saturating_sub(CHOICES)..];
        bytes[..tail.len()].copy_from_slice(tail);
        Choices {
            function: FUNCTIONS[usize::from(bytes[0]) % FUNCTIONS.len()],
            bytes,
        }
    }

    /// A side of 1 to 256, so that enlarging stays cheap.
    fn small(&self, at: usize) -> u32 {
        u32::from(self.bytes[at]) + 1
    }

    /// The options of the function, and sometimes one that is wrong.
    fn arguments(&self) -> Arguments<'static> {
        let b = &self.bytes;
        let asked = Arguments::new();
        match self.function {
            "thumbnail" => self.output(asked).with("size", self.small(2)),
            "resize" => self.resize(self.output(asked)),
            "crop" => self
                .output(asked)
                .with("x", b[4])
                .with("y", b[5])
                .with("width", self.small(2))
                .with("height", self.small(3)),
            "blurhash" => asked.with("x", b[4] % 11).with("y", b[5] % 11),
            "info" => asked,
            _ => self.output(asked),
        }
    }

    fn resize(&self, mut asked: Arguments<'static>) -> Arguments<'static> {
        let b = &self.bytes;
        if b[1] & 1 == 0 {
            asked.set("width", self.small(2));
        }
        if b[1] & 2 == 0 {
            asked.set("height", self.small(3));
        }
        asked
            .with(
                "fit",
                ["contain", "cover", "fill", ""][usize::from(b[4]) % 4],
            )
            .with("enlarge", b[1] & 4 == 0)
            .with("light", ["linear", "gamma"][usize::from(b[5]) % 2])
    }

    fn output(&self, mut asked: Arguments<'static>) -> Arguments<'static> {
        let b = &self.bytes;
        let format = ["jpeg", "png", "webp", "gif", "bmp", ""][usize::from(b[6]) % 6];
        if self.function == "convert" || b[1] & 8 == 0 {
            asked.set("format", format);
        }
        if b[1] & 16 == 0 {
            asked.set("quality", b[7]);
        }
        if b[1] & 32 == 0 {
            asked.set(
                "background",
                format!("#{:02x}{:02x}{:02x}", b[8], b[9], b[10]),
            );
        }
        asked
    }
}
