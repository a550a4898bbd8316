//! The typed functions, through the box: what they give, what they refuse, and what they cost at most.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::{Blame, CallError, Limit, Limits, Sandbox, SandboxConfig};
use wardian_service::ServiceError;
use wardian_service::image::{
    self, BlurhashOptions, BlurhashPicture, ConvertOptions, CropOptions, Fit, Format, Images,
    OptimizeOptions, Output, ResizeOptions, SOURCE_BYTES_MAX, SourceFormat, ThumbnailOptions,
};

mod common;
use common::{Raw, bmp};

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

/// The guest natively, for making sources.
fn native(function: &str, arguments: Arguments<'_>) -> Vec<u8> {
    let answer = wardian_guest_image::call(function, &arguments.encode().unwrap());
    match Response::decode(&answer, &DecodeLimits::default()).unwrap() {
        Response::Ok(value) => value
            .get("bytes")
            .and_then(Value::as_bytes)
            .unwrap()
            .to_vec(),
        Response::Err(error) => panic!("{error:?}"),
    }
}

/// A picture of any size, made by the guest natively; with one channel if `grey`.
fn enlarged((width, height): (u32, u32), format: &'static str, grey: bool) -> Vec<u8> {
    let mut small = bmp(400, 300);
    if grey {
        small[54..]
            .as_chunks_mut::<3>()
            .0
            .iter_mut()
            .for_each(|pixel| *pixel = [pixel[0]; 3]);
        // Optimising finds that it is grey.
        small = native(
            "optimize",
            Arguments::new().with("image", small).with("format", "png"),
        );
    }
    let arguments = Arguments::new()
        .with("image", small)
        .with("width", width)
        .with("height", height)
        .with("fit", "fill")
        .with("enlarge", true)
        .with("light", "gamma")
        .with("quality", 90)
        .with("format", format);
    native("resize", arguments)
}

#[test]
fn every_function_gives_what_it_says() {
    let sandbox = sandbox();
    let source = bmp(400, 300);

    let resized =
        image::resize_blocking(&sandbox, source.clone(), ResizeOptions::width(100)).unwrap();
    assert_eq!(
        (resized.width, resized.height, resized.format),
        (100, 75, Format::Png)
    );
    assert!(resized.lossless && !resized.unchanged && resized.frames == 1);
    assert!(resized.usage.bytes_out as usize > resized.bytes.len());
    assert!(resized.usage.fuel.unwrap() > 0 && resized.usage.memory_peak_bytes > 0);
    assert!(resized.bytes.starts_with(b"\x89PNG"));

    let cover = image::resize_blocking(
        &sandbox,
        source.clone(),
        ResizeOptions::sides(50, 60, Fit::Cover),
    )
    .unwrap();
    assert_eq!((cover.width, cover.height), (50, 60));
    let square =
        image::thumbnail_blocking(&sandbox, source.clone(), ThumbnailOptions::new(64)).unwrap();
    assert_eq!((square.width, square.height), (64, 64));
    let cut =
        image::crop_blocking(&sandbox, source.clone(), CropOptions::new(1, 2, 30, 40)).unwrap();
    assert_eq!((cut.width, cut.height), (30, 40));

    for (format, magic) in [
        (Format::Jpeg, &b"\xff\xd8\xff"[..]),
        (Format::Png, b"\x89PNG"),
        (Format::WebP, b"RIFF"),
        (Format::Gif, b"GIF89a"),
    ] {
        let written =
            image::convert_blocking(&sandbox, source.clone(), ConvertOptions::new(format)).unwrap();
        assert!(written.bytes.starts_with(magic), "{format:?}");
        assert_eq!(written.format, format);
        assert_eq!(
            written.lossless,
            matches!(format, Format::Png | Format::WebP)
        );

        let info = image::info_blocking(&sandbox, written.bytes.clone()).unwrap();
        assert_eq!(
            (info.width, info.height, info.orientation, info.frames),
            (400, 300, 1, 1)
        );
        assert_eq!((info.format.name(), info.has_alpha), (format.name(), false));
        assert_eq!(info.bytes, written.bytes.len() as u64);
    }
    let info = image::info_blocking(&sandbox, source.clone()).unwrap();
    assert_eq!(info.format, SourceFormat::Bmp);

    let jpeg = image::convert_blocking(&sandbox, source.clone(), ConvertOptions::new(Format::Jpeg))
        .unwrap()
        .bytes;
    let small =
        image::optimize_blocking(&sandbox, jpeg.clone(), OptimizeOptions::quality(50)).unwrap();
    assert!(small.bytes.len() < jpeg.len() && !small.unchanged);
    let same =
        image::optimize_blocking(&sandbox, small.bytes.clone(), OptimizeOptions::quality(100))
            .unwrap();
    assert!(same.unchanged);
    assert_eq!(same.bytes, small.bytes);
}

#[test]
fn hashes_go_both_ways() {
    let sandbox = sandbox();
    let hash =
        image::blurhash_blocking(&sandbox, bmp(400, 300), BlurhashOptions::default()).unwrap();
    assert_eq!(
        (hash.x, hash.y, hash.width, hash.height, hash.hash.len()),
        (4, 3, 400, 300, 28)
    );
    let picture =
        image::blurhash_decode_blocking(&sandbox, &hash.hash, BlurhashPicture::default()).unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.format),
        (32, 32, Format::Png)
    );
    // Hashing the decoded picture gives the same mean colour, which is its third to sixth character.
    let again =
        image::blurhash_blocking(&sandbox, picture.bytes, BlurhashOptions { x: 1, y: 1 }).unwrap();
    assert_eq!(again.hash.len(), 6);
    let url = image::blurhash_data_url_blocking(&sandbox, &hash.hash, BlurhashPicture::default())
        .unwrap();
    assert!(url.starts_with("data:image/png;base64,iVBORw0KGgo"));
    let error = image::blurhash_decode_blocking(&sandbox, "no hash", BlurhashPicture::default())
        .unwrap_err();
    assert_eq!(error.code(), "image.malformed");
}

#[test]
fn everything_wrong_is_said_at_once() {
    let sandbox = sandbox();
    let output = Output {
        quality: 0,
        background: "red".into(),
        ..Output::default()
    };
    let options = ResizeOptions {
        width: Some(0),
        height: Some(8_001),
        output,
        ..ResizeOptions::default()
    };
    let error = image::resize_blocking(&sandbox, bmp(4, 4), options).unwrap_err();
    assert_eq!(
        (error.code(), error.blame()),
        ("image.options", Blame::Caller)
    );
    assert!(error.usage().is_some());
    assert_eq!(
        error.to_string(),
        "`width` must be a whole number from 1 to 8000, got 0; `height` must be a whole number from 1 to 8000, \
         got 8001; `quality` must be a whole number from 1 to 100, got 0; `background` must be a colour such as \
         #ffffff, got \\\"red\\\""
            .replace("\\\"", "\"")
    );
    let error = image::resize_blocking(&sandbox, bmp(4, 4), ResizeOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "`width` or `height` must be given");
}

#[test]
fn sources_are_refused_with_a_reason() {
    let sandbox = sandbox();
    let code = |source: Vec<u8>| image::info_blocking(&sandbox, source).unwrap_err().code();
    assert_eq!(code(vec![]), "image.unknown_format");
    assert_eq!(
        code(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
        "image.unknown_format"
    );
    assert_eq!(
        code(b"\x89PNG\r\n\x1a\nnot really".to_vec()),
        "image.malformed"
    );
    assert_eq!(code(vec![0; SOURCE_BYTES_MAX + 1]), "image.too_many_bytes");
    let mut longest = bmp(4, 4);
    longest.resize(SOURCE_BYTES_MAX, 0);
    assert!(image::info_blocking(&sandbox, longest).is_ok());
    let mut wide = bmp(4, 4);
    wide[18..22].copy_from_slice(&8_001_u32.to_le_bytes());
    assert_eq!(code(wide), "image.too_large");
}

#[tokio::test]
async fn async_callers_keep_the_guest_linked() {
    let sandbox = sandbox();
    let images = Images::load(&sandbox).await.unwrap();
    let source = bytes::Bytes::from(bmp(200, 100));
    let (first, second) = tokio::join!(
        images.resize(source.clone(), ResizeOptions::height(20)),
        images.thumbnail(source.clone(), ThumbnailOptions::new(20)),
    );
    assert_eq!((first.unwrap().width, second.unwrap().width), (40, 20));
    let error = image::info(&sandbox, "nothing").await.unwrap_err();
    assert_eq!(error.code(), "image.unknown_format");
    sandbox.close().await;
    let error = images.info(source).await.unwrap_err();
    assert!(
        matches!(
            error,
            ServiceError::Call {
                source: CallError::Cancelled,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn twelve_megapixels_stay_within_a_hundred_mebibytes() {
    let photo = enlarged((4_000, 3_000), "jpeg", false);
    let sandbox = sandbox();
    for light in [image::Light::Gamma, image::Light::Linear] {
        let options = ResizeOptions {
            light,
            ..ResizeOptions::width(800)
        };
        let small = image::resize_blocking(&sandbox, photo.clone(), options).unwrap();
        let mebibytes = small.usage.memory_peak_bytes >> 20;
        println!(
            "{light:?}: {mebibytes} MiB, {:?} fuel, {:?}",
            small.usage.fuel, small.usage.wall
        );
        assert!(mebibytes <= 100, "{light:?} took {mebibytes} MiB");
    }
}

/// The most work that the caps let through. The fuel that the service gives must suffice for all of it.
#[test]
fn fuel_suffices_for_the_largest_input() {
    let sandbox = sandbox();
    let raw = Raw::load(&sandbox);
    // Every side at its cap, and colours up to what may be held at once.
    let grey = enlarged((8_000, 8_000), "jpeg", true);
    let colour = enlarged((8_000, 4_500), "jpeg", false);
    let middle = enlarged((4_000, 3_500), "jpeg", false);
    let to = |name: &'static str| Arguments::new().with("format", name);
    let wide = |width: u32| Arguments::new().with("width", width);
    let cases = [
        ("resize", &grey, wide(100)),
        ("resize", &grey, wide(7_999)),
        ("resize", &colour, wide(100)),
        ("resize", &colour, wide(6_000)),
        ("blurhash", &colour, Arguments::new()),
        ("optimize", &grey, to("png")),
        ("optimize", &grey, to("jpeg")),
        ("convert", &middle, to("webp")),
        ("convert", &middle, to("gif")),
        ("optimize", &middle, to("png")),
        ("optimize", &middle, to("jpeg")),
    ];
    for (function, source, arguments) in cases {
        let request = arguments
            .clone()
            .with("image", source.as_slice())
            .encode()
            .unwrap();
        let outcome = raw.outcome(function, request);
        let usage = outcome.usage;
        let (fuel, mebibytes) = (usage.fuel.unwrap(), usage.memory_peak_bytes >> 20);
        println!(
            "{function} {:?}: {fuel} fuel, {mebibytes} MiB, {:?}",
            arguments.iter().last(),
            usage.guest
        );
        let answer = outcome.result.unwrap().into_bytes();
        let response = Response::decode(&answer, &DecodeLimits::default()).unwrap();
        assert!(
            matches!(response, Response::Ok(_)),
            "{function}: {response:?}"
        );
        assert!(
            fuel < 100_000_000_000,
            "{function} takes {fuel}, half of what it is given"
        );
    }
}

#[test]
fn running_out_is_an_error_of_its_own_and_the_next_call_works() {
    let sandbox = sandbox();
    let raw = Raw::load(&sandbox);
    let request = Arguments::new()
        .with("image", bmp(400, 300))
        .with("width", 200)
        .encode()
        .unwrap();
    let starved = Limits {
        fuel: Some(10_000),
        ..Limits::default()
    };
    let outcome = raw.limited("resize", request.clone(), starved);
    assert!(
        matches!(
            outcome.result,
            Err(CallError::Limit {
                which: Limit::Fuel,
                ..
            })
        ),
        "{outcome:?}"
    );
    let cramped = Limits {
        memory_bytes_max: 2 << 20,
        ..Limits::default()
    };
    let outcome = raw.limited("resize", request.clone(), cramped);
    assert!(
        matches!(
            outcome.result,
            Err(CallError::Limit {
                which: Limit::Memory,
                ..
            })
        ),
        "{outcome:?}"
    );
    assert!(raw.outcome("resize", request).result.is_ok());
}
