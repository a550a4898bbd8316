//! Which way up a photograph is, as its camera noted it.

/// How a stored picture is turned to stand upright: the numbers of EXIF, 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn(u8);

impl Turn {
    pub(crate) const NONE: Turn = Turn(1);

    /// The sides of the upright picture.
    pub(crate) fn upright(self, width: u32, height: u32) -> (u32, u32) {
        if self.0 >= 5 {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// a, b, c, d, e, f of the transform from the unit square as stored to the one upright, with y downwards.
    pub(crate) fn matrix(self) -> [f32; 6] {
        match self.0 {
            2 => [-1.0, 0.0, 0.0, 1.0, 1.0, 0.0],
            3 => [-1.0, 0.0, 0.0, -1.0, 1.0, 1.0],
            4 => [1.0, 0.0, 0.0, -1.0, 0.0, 1.0],
            5 => [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            6 => [0.0, 1.0, -1.0, 0.0, 1.0, 0.0],
            7 => [0.0, -1.0, -1.0, 0.0, 1.0, 1.0],
            8 => [0.0, -1.0, 1.0, 0.0, 0.0, 1.0],
            _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        }
    }
}

/// What a JPEG says of it.
pub(super) fn of_jpeg(bytes: &[u8]) -> Turn {
    find(bytes)
        .filter(|turn| (1..=8).contains(turn))
        .map_or(Turn::NONE, Turn)
}

fn find(bytes: &[u8]) -> Option<u8> {
    let mut at = 2;
    loop {
        let head = bytes.get(at..at + 4)?;
        if head[0] != 0xff || head[1] == 0xda {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let body = bytes.get(at + 4..at + 2 + length)?;
        if head[1] == 0xe1
            && let Some(tiff) = body.strip_prefix(b"Exif\0\0")
        {
            return orientation(tiff);
        }
        at += 2 + length;
    }
}

/// The entry of that meaning in the first directory.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..2)? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big {
            u16::from_be_bytes(two)
        } else {
            u16::from_le_bytes(two)
        })
    };
    let long = |at: usize| {
        let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let entries = usize::from(short(directory)?);
    (0..entries)
        .filter_map(|n| directory.checked_add(2 + n * 12))
        .find(|entry| short(*entry) == Some(0x0112))
        .and_then(|entry| short(entry.checked_add(8)?))
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG that holds nothing but its orientation.
    fn jpeg(orientation: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
        tiff.extend([
            0x12,
            0x01,
            3,
            0,
            1,
            0,
            0,
            0,
            orientation,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ]);
        let mut out = vec![0xff, 0xd8, 0xff, 0xe1];
        out.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
        out.extend(b"Exif\0\0");
        out.extend(tiff);
        out
    }

    #[test]
    fn orientations() {
        assert_eq!(of_jpeg(&jpeg(6)), Turn(6));
        assert_eq!(of_jpeg(&jpeg(0)), Turn::NONE);
        assert_eq!(of_jpeg(&jpeg(9)), Turn::NONE);
        assert_eq!(of_jpeg(b"\xff\xd8"), Turn::NONE);
        assert_eq!(of_jpeg(b""), Turn::NONE);
        assert_eq!(Turn(6).upright(40, 30), (30, 40));
        assert_eq!(Turn(3).upright(40, 30), (40, 30));
    }

    #[test]
    fn corners_go_where_they_should() {
        // Of a picture stored lying (6), the upper left corner is the upright one's upper right.
        let at = |turn: Turn, x: f32, y: f32| {
            let [a, b, c, d, e, f] = turn.matrix();
            (a * x + c * y + e, b * x + d * y + f)
        };
        assert_eq!(at(Turn(6), 0.0, 0.0), (1.0, 0.0));
        assert_eq!(at(Turn(8), 0.0, 0.0), (0.0, 1.0));
        assert_eq!(at(Turn(3), 0.0, 0.0), (1.0, 1.0));
        assert_eq!(at(Turn(5), 1.0, 0.0), (0.0, 1.0));
    }
}
