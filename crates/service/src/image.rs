//! Pictures: resize, thumbnail, crop, optimize, convert, look at, hash.
//!
//! Reads JPEG (baseline and progressive, grey, colour, CMYK), PNG (every depth, palettes, interlaced), GIF, WebP and
//! BMP; of an animation the first frame, and results say so. Writes JPEG, PNG, WebP and GIF. WebP is written without
//! loss, and its results say `lossless`.
//!
//! - A picture is turned upright by its EXIF orientation, and leaves without metadata but its colour profile.
//! - Pixels have 8 bits a channel; 16-bit sources lose the lower half.
//! - Resampling is Lanczos with three lobes, [in linear light](Light) unless asked otherwise.
//! - A source has at most 20 MB and 8,000 pixels a side. What a picture takes is worked out from its header; more than
//!   240 MiB at once is refused before anything is allocated (`image.too_much_memory`).
//!
//! The free functions load the guest through the sandbox's cache each time, which costs a digest of 6 MB: one or two
//! milliseconds. [`Images`] keeps it linked.

mod answer;
mod file;
mod options;
mod promise;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use wardian_abi::{Arguments, DecodeLimits};
use wardian_sandbox::{Cpu, Limits, Sandbox, Source};

pub use answer::{Blurhash, Info, Picture, SourceFormat};
pub use options::{
    BlurhashOptions, BlurhashPicture, ConvertOptions, CropOptions, Fit, Format, Light,
    OptimizeOptions, Output, ResizeOptions, ThumbnailOptions,
};

use crate::ServiceError;
use crate::guest::{Guest, Wanted};
use promise::Promise;

/// Bytes that a source may have.
pub const SOURCE_BYTES_MAX: usize = 20_000_000;
/// Pixels that a side may have, of sources and of results.
pub const SIDE_MAX: u32 = 8_000;

/// The guest as WebAssembly: for `inspect`, and for calling it by another binding.
pub static MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/image.wasm"));

/// Its functions, in the Service ABI.
pub const FUNCTIONS: [&str; 8] = [
    "resize",
    "thumbnail",
    "crop",
    "optimize",
    "convert",
    "info",
    "blurhash",
    "blurhash_decode",
];

static WANTED: Wanted = Wanted {
    functions: &FUNCTIONS,
    codes: &[
        "image.request",
        "image.options",
        "image.too_many_bytes",
        "image.too_large",
        "image.too_much_memory",
        "image.unknown_format",
        "image.unsupported",
        "image.malformed",
        "image.encode",
    ],
    answers: DecodeLimits {
        depth_max: 8,
        values_max: 1_000,
    },
};

/// Fuel of a call: twice what the most work takes that the caps let through, as a test measures.
pub const FUEL: u64 = 200_000_000_000;

fn limits() -> Limits {
    Limits {
        memory_bytes_max: 256 << 20,
        // The source and the names and numbers around it.
        input_bytes_max: SOURCE_BYTES_MAX as u64 + 4_096,
        deadline: Duration::from_secs(60),
        deadline_hard: Duration::from_secs(62),
        host_calls_max: 1,
        ..Limits::default()
    }
}

/// The image guest, linked and ready. Cloning shares it.
///
/// ```no_run
/// # async fn f(sandbox: wardian_sandbox::Sandbox, photos: Vec<Vec<u8>>) -> Result<(), wardian_service::ServiceError> {
/// use wardian_service::image::{Images, ThumbnailOptions};
///
/// let images = Images::load(&sandbox).await?;
/// for photo in photos {
///     let square = images.thumbnail(photo, ThumbnailOptions::new(256)).await?;
///     println!("{} bytes", square.bytes.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Images {
    guest: Guest,
}

impl std::fmt::Debug for Images {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Images").finish_non_exhaustive()
    }
}

impl Images {
    /// Loads and links the guest; the sandbox compiles it once.
    ///
    /// # Errors
    /// [`ServiceError::Load`] and [`ServiceError::Link`].
    pub async fn load(sandbox: &Sandbox) -> Result<Images, ServiceError> {
        Images::load_from(
            sandbox,
            Source::new("image", Bytes::from_static(MODULE)).cpu(Cpu::Fuel(FUEL)),
        )
        .await
    }

    /// The same with another build of the guest in place of the embedded one: with a decoder mended today, with fewer
    /// formats, with debug information. It has to export [`FUNCTIONS`] in the Service ABI and may import nothing but
    /// `wardian.panic`.
    ///
    /// It is trusted as little as the embedded one: same rights, same limits, and answers that are not what was asked
    /// for are errors. Give it [`FUEL`], or it has the sandbox's default, which is too little for large pictures.
    ///
    /// # Errors
    /// As [`Images::load`].
    pub async fn load_from(sandbox: &Sandbox, source: Source) -> Result<Images, ServiceError> {
        Ok(Images {
            guest: Guest::load(sandbox, source, &WANTED, limits()).await?,
        })
    }

    /// What a call may use; a minute and 256 MiB, unless [changed](Images::with_limits).
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.guest.limits()
    }

    /// The same guest under other limits, such as a deadline that suits a web page.
    ///
    /// ```no_run
    /// # fn f(images: wardian_service::image::Images) {
    /// let limits = images.limits().clone().with_deadline(std::time::Duration::from_secs(2));
    /// let quick = images.with_limits(limits);
    /// # }
    /// ```
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Images {
        Images {
            guest: self.guest.with_limits(limits),
        }
    }

    /// Calls a function of the guest that answers with a picture, and holds the answer against the promise.
    async fn picture(
        &self,
        function: &'static str,
        source: Bytes,
        arguments: Arguments<'_>,
        promise: Promise,
    ) -> Result<Picture, ServiceError> {
        self.check(&source)?;
        let arguments = arguments.with("image", source.as_ref());
        self.guest
            .call(function, arguments, |value, answer, usage| {
                Picture::read(value, answer, usage, &promise)
            })
            .await
    }

    /// What the guest would refuse too, but only after 20 MB were copied to it.
    fn check(&self, source: &Bytes) -> Result<(), ServiceError> {
        if source.len() <= SOURCE_BYTES_MAX {
            return Ok(());
        }
        Err(ServiceError::Refused {
            code: "image.too_many_bytes",
            message: format!(
                "the source has {} bytes, allowed {SOURCE_BYTES_MAX}",
                source.len()
            ),
            usage: Box::default(),
        })
    }

    /// Makes a picture smaller; larger only if asked.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for options and pictures, [`ServiceError::Call`] for the rest.
    pub async fn resize(
        &self,
        source: impl Into<Bytes>,
        options: ResizeOptions,
    ) -> Result<Picture, ServiceError> {
        let source = source.into();
        let promise = Promise::resize(&options, &source);
        self.picture("resize", source, options.arguments(), promise)
            .await
    }

    /// A square out of the middle.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn thumbnail(
        &self,
        source: impl Into<Bytes>,
        options: ThumbnailOptions,
    ) -> Result<Picture, ServiceError> {
        let source = source.into();
        let promise = Promise::thumbnail(&options, &source);
        self.picture("thumbnail", source, options.arguments(), promise)
            .await
    }

    /// A rectangle of the upright picture.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn crop(
        &self,
        source: impl Into<Bytes>,
        options: CropOptions,
    ) -> Result<Picture, ServiceError> {
        let source = source.into();
        let promise = Promise::crop(&options, &source);
        self.picture("crop", source, options.arguments(), promise)
            .await
    }

    /// The same picture in fewer bytes: progressive JPEG, reduced and well packed PNG, without metadata. Where that
    /// would take more bytes than the source, the source comes back as it is, and the result says `unchanged`.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn optimize(
        &self,
        source: impl Into<Bytes>,
        options: OptimizeOptions,
    ) -> Result<Picture, ServiceError> {
        let source = source.into();
        let promise = Promise::optimize(&options, &source);
        self.picture("optimize", source, options.arguments(), promise)
            .await
    }

    /// The same picture in another format.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn convert(
        &self,
        source: impl Into<Bytes>,
        options: ConvertOptions,
    ) -> Result<Picture, ServiceError> {
        let source = source.into();
        let promise = Promise::convert(&options, &source);
        self.picture("convert", source, options.arguments(), promise)
            .await
    }

    /// What the header says; nothing is decoded.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn info(&self, source: impl Into<Bytes>) -> Result<Info, ServiceError> {
        let source = source.into();
        self.check(&source)?;
        let arguments = Arguments::new().with("image", source.as_ref());
        self.guest
            .call("info", arguments, |value, _, usage| {
                Info::read(value, usage, &source)
            })
            .await
    }

    /// A picture in some thirty characters, to show while the picture itself is on its way.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn blurhash(
        &self,
        source: impl Into<Bytes>,
        options: BlurhashOptions,
    ) -> Result<Blurhash, ServiceError> {
        let source = source.into();
        self.check(&source)?;
        let arguments = options.arguments().with("image", source.as_ref());
        self.guest
            .call("blurhash", arguments, |value, _, usage| {
                Blurhash::read(value, usage, options)
            })
            .await
    }

    /// The picture of a BlurHash, as PNG.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn blurhash_decode(
        &self,
        hash: &str,
        options: BlurhashPicture,
    ) -> Result<Picture, ServiceError> {
        let promise = Promise::blurhash_decode(&options);
        let arguments = options.arguments().with("hash", hash.to_owned());
        let arguments = arguments.with("as", "png");
        self.guest
            .call("blurhash_decode", arguments, |value, answer, usage| {
                Picture::read(value, answer, usage, &promise)
            })
            .await
    }

    /// The picture of a BlurHash, as a `data:` URL of a PNG.
    ///
    /// # Errors
    /// As [`Images::resize`].
    pub async fn blurhash_data_url(
        &self,
        hash: &str,
        options: BlurhashPicture,
    ) -> Result<String, ServiceError> {
        // The text is made here: one out of the guest could be anything that a page would then hold.
        let picture = self.blurhash_decode(hash, options).await?;
        Ok(format!(
            "data:image/png;base64,{}",
            STANDARD.encode(&picture.bytes)
        ))
    }
}

macro_rules! free_functions {
    ($($(#[$doc:meta])* $name:ident / $blocking:ident ($input:ident: $input_type:ty $(, $options:ident: $options_type:ty)?)
        -> $result:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`ServiceError::Refused`] for options and pictures, the others for what happens around the call.
        pub async fn $name(
            sandbox: &Sandbox,
            $input: $input_type
            $(, $options: $options_type)?
        ) -> Result<$result, ServiceError> {
            Images::load(sandbox).await?.$name($input $(, $options)?).await
        }

        #[doc = concat!("[`", stringify!($name), "`] on the caller's own thread, which it blocks.")]
        ///
        /// # Errors
        #[doc = concat!("As [`", stringify!($name), "`].")]
        pub fn $blocking(
            sandbox: &Sandbox,
            $input: $input_type
            $(, $options: $options_type)?
        ) -> Result<$result, ServiceError> {
            futures_lite::future::block_on($name(sandbox, $input $(, $options)?))
        }

        impl Images {
            #[doc = concat!("[`Images::", stringify!($name), "`] on the caller's own thread, which it blocks.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Images::", stringify!($name), "`].")]
            pub fn $blocking(
                &self,
                $input: $input_type
                $(, $options: $options_type)?
            ) -> Result<$result, ServiceError> {
                futures_lite::future::block_on(self.$name($input $(, $options)?))
            }
        }
    )*};
}

free_functions! {
    /// Makes a picture smaller; larger only if asked.
    resize / resize_blocking(source: impl Into<Bytes>, options: ResizeOptions) -> Picture;
    /// A square out of the middle.
    thumbnail / thumbnail_blocking(source: impl Into<Bytes>, options: ThumbnailOptions) -> Picture;
    /// A rectangle of the upright picture.
    crop / crop_blocking(source: impl Into<Bytes>, options: CropOptions) -> Picture;
    /// The same picture in fewer bytes; see [`Images::optimize`].
    optimize / optimize_blocking(source: impl Into<Bytes>, options: OptimizeOptions) -> Picture;
    /// The same picture in another format.
    convert / convert_blocking(source: impl Into<Bytes>, options: ConvertOptions) -> Picture;
    /// What the header says; nothing is decoded.
    info / info_blocking(source: impl Into<Bytes>) -> Info;
    /// A picture in some thirty characters.
    blurhash / blurhash_blocking(source: impl Into<Bytes>, options: BlurhashOptions) -> Blurhash;
    /// The picture of a BlurHash, as PNG.
    blurhash_decode / blurhash_decode_blocking(hash: &str, options: BlurhashPicture) -> Picture;
    /// The picture of a BlurHash, as a `data:` URL of a PNG.
    blurhash_data_url / blurhash_data_url_blocking(hash: &str, options: BlurhashPicture) -> String;
}
