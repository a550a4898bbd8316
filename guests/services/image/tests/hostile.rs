//! Sources that want to do harm: bombs are refused from their header before anything is allocated for them, and
//! damaged files end in an error or a picture, never in a panic.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_image::{FUNCTIONS, budget, call};

/// Counts what is allocated, and the most of it at once.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// One test at a time, so that the counts are its own.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` gives, and the bytes it held at its peak beyond what was held before.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    (result, PEAK.load(Ordering::Relaxed).saturating_sub(before))
}

fn ask(function: &str, arguments: Arguments<'_>) -> Result<Value<'static>, String> {
    let answer = call(function, &arguments.encode().unwrap());
    match Response::decode(&answer, &DecodeLimits::default()).unwrap() {
        Response::Ok(value) => Ok(value.into_owned()),
        Response::Err(error) => Err(error.code),
    }
}

fn convert(image: &[u8], format: &'static str) -> Result<Vec<u8>, String> {
    let value = ask(
        "convert",
        Arguments::new().with("image", image).with("format", format),
    )?;
    Ok(value
        .get("bytes")
        .and_then(Value::as_bytes)
        .unwrap()
        .to_vec())
}

/// A BMP of 24 bits, the one format that is simple enough to write here; the guest makes the others of it.
fn bmp(width: u32, height: u32) -> Vec<u8> {
    let stride = (width * 3).next_multiple_of(4);
    let mut out = bmp_header(width, height);
    for y in 0..height {
        let row = (0..width).flat_map(|x| [(x * 7) as u8, (y * 5) as u8, (x * y / 3) as u8]);
        out.extend(row.chain(std::iter::repeat_n(0, (stride - width * 3) as usize)));
    }
    out
}

fn bmp_header(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"BM".to_vec();
    for field in [
        0,
        0,
        54,
        40,
        width,
        height,
        1 | 24 << 16,
        0,
        0,
        0,
        0,
        0,
        0_u32,
    ] {
        out.extend(field.to_le_bytes());
    }
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

fn png_header(width: u32, height: u32, depth: u8, colour_type: u8) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], body: &[u8]| {
        let body = [kind, body].concat();
        out.extend((body.len() as u32 - 4).to_be_bytes());
        out.extend(&body);
        out.extend(crc(&body).to_be_bytes());
    };
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(
        b"IHDR",
        &[&sides[..], &[depth, colour_type, 0, 0, 0]].concat(),
    );
    chunk(b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]);
    chunk(b"IEND", &[]);
    out
}

/// Frame, scan and end marker of a JPEG without anything in it.
fn jpeg_header(marker: u8, width: u16, height: u16, components: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, marker, 0, 8 + 3 * components, 8];
    out.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    out.push(components);
    (1..=components).for_each(|id| out.extend([id, 0x11, 0]));
    out.extend([0xff, 0xda, 0, 6 + 2 * components, components]);
    (1..=components).for_each(|id| out.extend([id, 0]));
    out.extend([0, 63, 0, 0xff, 0xd9]);
    out
}

fn gif_header(width: u16, height: u16) -> Vec<u8> {
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let palette = [0x80, 0, 0, 0, 0, 0, 255, 255, 255];
    let frame = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b];
    [b"GIF89a", &sides[..], &palette, &frame].concat()
}

/// The extended header alone: a canvas of any size.
fn webp_header(width: u32, height: u32) -> Vec<u8> {
    let mut body = b"WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    body.extend(&(width - 1).to_le_bytes()[..3]);
    body.extend(&(height - 1).to_le_bytes()[..3]);
    body.extend(b"VP8L\x05\0\0\0\x2f\0\0\0\0\0");
    [
        b"RIFF".as_slice(),
        &(body.len() as u32).to_le_bytes(),
        &body,
    ]
    .concat()
}

fn sources(sides: (u16, u16)) -> Vec<(&'static str, Vec<u8>)> {
    let (width, height) = sides;
    let (w, h) = (u32::from(width), u32::from(height));
    vec![
        ("jpeg", jpeg_header(0xc0, width, height, 3)),
        ("progressive jpeg", jpeg_header(0xc2, width, height, 3)),
        ("png", png_header(w, h, 8, 2)),
        ("16-bit png", png_header(w, h, 16, 6)),
        ("gif", gif_header(width, height)),
        ("webp", webp_header(w, h)),
        ("bmp", bmp_header(w, h)),
    ]
}

#[test]
fn sides_beyond_the_cap_are_refused_from_the_header() {
    let _turn = TURN.lock();
    for sides in [(8_001, 1), (1, 8_001), (65_535, 65_535), (16_000, 16_000)] {
        if sides.0 > 16_000 {
            // WebP has no such sizes.
            assert_eq!(
                ask(
                    "info",
                    Arguments::new().with("image", gif_header(sides.0, sides.1))
                )
                .unwrap_err(),
                "image.too_large"
            );
        }
        for (name, source) in sources(sides) {
            if name == "webp" && sides.0.max(sides.1) > 16_383 {
                continue;
            }
            for function in ["resize", "info", "blurhash", "optimize"] {
                let mut arguments = Arguments::new().with("image", source.clone());
                if function == "resize" {
                    arguments.set("width", 10);
                }
                let (result, bytes) = peak(|| ask(function, arguments));
                assert_eq!(
                    result.unwrap_err(),
                    "image.too_large",
                    "{function} of a {name} of {sides:?}"
                );
                assert!(
                    bytes < 1 << 20,
                    "{function} of a {name} of {sides:?} took {bytes} bytes"
                );
            }
        }
    }
}

#[test]
fn what_takes_too_much_memory_is_refused_from_the_header() {
    let _turn = TURN.lock();
    let largest = (8_000, 8_000);
    // 256 MB of RGBA, or pixels beside coefficients, or a copy of everything: all beyond what a call may hold.
    for (name, source) in sources(largest) {
        if ["jpeg", "png", "bmp"].contains(&name) {
            continue;
        }
        let (result, bytes) = peak(|| convert(&source, "png"));
        assert_eq!(result.unwrap_err(), "image.too_much_memory", "{name}");
        assert!(bytes < 1 << 20, "{name} took {bytes} bytes");
        assert!(
            ask("info", Arguments::new().with("image", source)).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn colours_in_separate_scans_are_refused_where_they_would_be_mixed_up() {
    let _turn = TURN.lock();
    let separate = |marker: u8| {
        let mut source = jpeg_header(marker, 64, 64, 3);
        let scan = source
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap();
        source.splice(scan.., [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0xff, 0xd9]);
        source
    };
    assert_eq!(
        convert(&separate(0xc0), "png").unwrap_err(),
        "image.unsupported"
    );
    assert_eq!(
        convert(&separate(0xc1), "png").unwrap_err(),
        "image.unsupported"
    );
    assert_ne!(
        convert(&separate(0xc2), "png").err().as_deref(),
        Some("image.unsupported")
    );
    assert_ne!(
        convert(&jpeg_header(0xc0, 64, 64, 3), "png")
            .err()
            .as_deref(),
        Some("image.unsupported")
    );
}

#[test]
fn sources_are_held_to_their_length() {
    let _turn = TURN.lock();
    let mut source = bmp(9, 9);
    source.resize(budget::SOURCE_BYTES_MAX, 0);
    assert!(ask("info", Arguments::new().with("image", source.clone())).is_ok());
    source.push(0);
    assert_eq!(
        ask("info", Arguments::new().with("image", source)).unwrap_err(),
        "image.too_many_bytes"
    );
    assert_eq!(
        ask("info", Arguments::new().with("image", Vec::new())).unwrap_err(),
        "image.unknown_format"
    );
}

#[test]
fn a_profile_that_unpacks_without_end_is_left_alone() {
    let _turn = TURN.lock();
    let png = convert(&bmp(8, 8), "png").unwrap();
    // An iCCP chunk of zeros, 64 MB when unpacked, packed by hand as stored blocks would be too long: as a header
    // that promises more than it has.
    let mut body = b"iCCPx\0\0".to_vec();
    body.extend([0x78, 0x9c, 0xed, 0xc1, 0x01, 0x0d, 0, 0, 0]);
    let chunk = [
        &(body.len() as u32 - 4).to_be_bytes()[..],
        &body,
        &crc(&body).to_be_bytes(),
    ]
    .concat();
    let bomb = [&png[..33], &chunk, &png[33..]].concat();
    let (result, bytes) = peak(|| convert(&bomb, "png"));
    assert!(result.is_ok() || result == Err("image.malformed".to_owned()));
    assert!(bytes < 8 << 20, "{bytes}");
}

#[test]
fn cut_off_files_are_refused() {
    let _turn = TURN.lock();
    let picture = bmp(40, 30);
    for format in ["jpeg", "png", "gif", "webp"] {
        let whole = convert(&picture, format).unwrap();
        assert!(convert(&whole, "png").is_ok());
        for cut in [1, 2, 10, whole.len() / 2, whole.len() - 20] {
            let result = convert(&whole[..cut], "png");
            assert!(
                result.is_err(),
                "{format} cut to {cut} of {} bytes",
                whole.len()
            );
        }
    }
}

#[test]
fn damaged_files_never_panic() {
    let _turn = TURN.lock();
    let picture = bmp(37, 23);
    let mut seeds: Vec<_> = ["jpeg", "png", "gif", "webp"]
        .map(|format| convert(&picture, format).unwrap())
        .into();
    let progressive = ask(
        "optimize",
        Arguments::new()
            .with("image", seeds[0].clone())
            .with("quality", 20),
    )
    .unwrap();
    seeds.push(
        progressive
            .get("bytes")
            .and_then(Value::as_bytes)
            .unwrap()
            .to_vec(),
    );
    seeds.push(picture);
    let mut state = 1_u64;
    let mut dice = move |sides: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    for seed in &seeds {
        for _ in 0..1_500 {
            let mut damaged = seed.clone();
            for _ in 0..=dice(6) {
                let at = dice(damaged.len());
                match dice(4) {
                    0 => damaged[at] = dice(256) as u8,
                    1 => damaged[at] ^= 1 << dice(8),
                    2 => damaged.truncate(at.max(4)),
                    _ => {
                        let from = dice(damaged.len());
                        let len = dice(16).min(damaged.len() - from.max(at));
                        damaged.copy_within(from..from + len, at);
                    }
                }
            }
            let _ = convert(&damaged, "jpeg");
            let _ = ask("info", Arguments::new().with("image", damaged));
        }
    }
}

#[test]
fn whatever_a_request_is_it_gets_an_answer() {
    let _turn = TURN.lock();
    for function in FUNCTIONS.into_iter().chain(["", "unknown"]) {
        for request in [
            &[][..],
            &[0xc0],
            &[0x80],
            &[0x81, 0xa1, b'x', 0xc0],
            &[0xdf, 0xff, 0xff, 0xff, 0xff],
            &[0xff; 64],
        ] {
            let answer = call(function, request);
            let response = Response::decode(&answer, &DecodeLimits::default()).unwrap();
            assert!(
                matches!(response, Response::Err(_)),
                "{function} of {request:02x?}"
            );
        }
    }
}

#[test]
fn hashes_that_are_none_are_refused() {
    let _turn = TURN.lock();
    for hash in [
        "",
        "L",
        "LEHV6n",
        "LEHV6nWB2yk8pyo0adR*.7kCMdn",
        "LEHV6nWB2yk8pyo0adR*.7kCMdnjj",
        "ééééééééé",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
        "~~~~~~~~",
    ] {
        let result = ask("blurhash_decode", Arguments::new().with("hash", hash));
        assert_eq!(result.unwrap_err(), "image.malformed", "{hash:?}");
    }
}
