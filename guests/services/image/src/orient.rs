//! EXIF orientation: which way is up. Applied to results, so that a large source is never turned as a whole unless the
//! result is as large.

use image::metadata::Orientation;

use crate::picture::Picture;

/// The sides after turning.
pub(crate) fn turned(orientation: Orientation, width: u32, height: u32) -> (u32, u32) {
    if swaps(orientation) {
        (height, width)
    } else {
        (width, height)
    }
}

/// Whether turning makes width height.
pub(crate) fn swaps(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The picture upright.
pub(crate) fn upright(picture: Picture, orientation: Orientation) -> Picture {
    if orientation == Orientation::NoTransforms {
        return picture;
    }
    let (width, height) = turned(orientation, picture.width, picture.height);
    let mut out = Picture::blank(width, height, picture.channels);
    match picture.channels {
        1 => turn::<1>(&picture, &mut out, orientation),
        2 => turn::<2>(&picture, &mut out, orientation),
        3 => turn::<3>(&picture, &mut out, orientation),
        _ => turn::<4>(&picture, &mut out, orientation),
    }
    out
}

/// A rectangle of the upright picture, as the stored picture has it: `(x, y, width, height)`.
pub(crate) fn stored_rectangle(
    orientation: Orientation,
    stored: (u32, u32),
    (x, y, width, height): (u32, u32, u32, u32),
) -> (u32, u32, u32, u32) {
    let corners =
        [(x, y), (x + width - 1, y + height - 1)].map(|at| source_of(orientation, stored, at));
    let (left, right) = (
        corners[0].0.min(corners[1].0),
        corners[0].0.max(corners[1].0),
    );
    let (top, bottom) = (
        corners[0].1.min(corners[1].1),
        corners[0].1.max(corners[1].1),
    );
    (left, top, right - left + 1, bottom - top + 1)
}

fn turn<const N: usize>(from: &Picture, to: &mut Picture, orientation: Orientation) {
    let stored = (from.width, from.height);
    let (source, _) = from.pixels.as_chunks::<N>();
    let (target, _) = to.pixels.as_chunks_mut::<N>();
    for (y, row) in target.chunks_exact_mut(to.width as usize).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let (sx, sy) = source_of(orientation, stored, (x as u32, y as u32));
            *pixel = source[sy as usize * from.width as usize + sx as usize];
        }
    }
}

/// Where the upright pixel `(x, y)` is stored.
fn source_of(
    orientation: Orientation,
    (width, height): (u32, u32),
    (x, y): (u32, u32),
) -> (u32, u32) {
    match orientation {
        Orientation::NoTransforms => (x, y),
        Orientation::FlipHorizontal => (width - 1 - x, y),
        Orientation::Rotate180 => (width - 1 - x, height - 1 - y),
        Orientation::FlipVertical => (x, height - 1 - y),
        // 5: the stored picture is the upright one mirrored along its main diagonal.
        Orientation::Rotate90FlipH => (y, x),
        Orientation::Rotate90 => (y, height - 1 - x),
        Orientation::Rotate270FlipH => (width - 1 - y, height - 1 - x),
        Orientation::Rotate270 => (width - 1 - y, x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `abc/def`, upright, by orientation 1 to 8, written out by hand from the EXIF specification.
    const UPRIGHT: [(&[u8], u32); 8] = [
        (b"abcdef", 3),
        (b"cbafed", 3),
        (b"fedcba", 3),
        (b"defabc", 3),
        (b"adbecf", 2),
        (b"daebfc", 2),
        (b"fcebda", 2),
        (b"cfbead", 2),
    ];

    #[test]
    fn the_eight_orientations() {
        for (exif, (expected, width)) in (1_u8..).zip(UPRIGHT) {
            let stored = Picture {
                width: 3,
                height: 2,
                channels: 1,
                pixels: b"abcdef".to_vec(),
            };
            let orientation = Orientation::from_exif(exif).unwrap();
            let turned = upright(stored.clone(), orientation);
            assert_eq!(
                (turned.pixels.as_slice(), turned.width),
                (expected, width),
                "orientation {exif}"
            );

            // A rectangle of the upright picture is the same pixels, cut first or turned first.
            let (x, y, w, h) = stored_rectangle(orientation, (3, 2), (1, 0, 1, 2));
            let cut_first = upright(stored.cut(x, y, w, h), orientation);
            assert_eq!(
                cut_first.pixels,
                turned.cut(1, 0, 1, 2).pixels,
                "orientation {exif}"
            );
        }
    }
}
