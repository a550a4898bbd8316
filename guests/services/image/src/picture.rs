//! Decoded pixels: 8 bits a channel, rows without padding.

/// Grey, grey with alpha, RGB or RGBA, by number of channels. Colours are as the file has them (sRGB where nothing
/// else is said), alpha is straight.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 1 to 4.
    pub(crate) channels: usize,
    /// `width * height * channels` bytes.
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    pub(crate) fn blank(width: u32, height: u32, channels: usize) -> Self {
        Picture {
            width,
            height,
            channels,
            pixels: vec![0; width as usize * height as usize * channels],
        }
    }

    pub(crate) fn has_alpha(&self) -> bool {
        matches!(self.channels, 2 | 4)
    }

    pub(crate) fn count(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub(crate) fn row(&self, y: u32) -> &[u8] {
        let stride = self.width as usize * self.channels;
        let start = y as usize * stride;
        &self.pixels[start..start + stride]
    }

    /// The rectangle at `(x, y)`; it must lie inside.
    pub(crate) fn cut(&self, x: u32, y: u32, width: u32, height: u32) -> Picture {
        let mut pixels = Vec::with_capacity(width as usize * height as usize * self.channels);
        let (from, to) = (
            x as usize * self.channels,
            (x + width) as usize * self.channels,
        );
        for row in y..y + height {
            pixels.extend_from_slice(&self.row(row)[from..to]);
        }
        Picture {
            width,
            height,
            channels: self.channels,
            pixels,
        }
    }

    /// The same picture with as few channels as it needs: alpha that is opaque everywhere goes, grey colours become
    /// grey. Works in place.
    pub(crate) fn reduce(self) -> Picture {
        let opaque = !self.has_alpha()
            || self
                .pixels
                .chunks_exact(self.channels)
                .all(|p| p[self.channels - 1] == 255);
        let grey = self.channels < 3
            || self
                .pixels
                .chunks_exact(self.channels)
                .all(|p| p[0] == p[1] && p[1] == p[2]);
        match (grey, opaque) {
            (true, true) => self.keep(&[0]),
            (true, false) => {
                let alpha = self.channels - 1;
                self.keep(&[0, alpha])
            }
            (false, true) => self.keep(&[0, 1, 2]),
            (false, false) => self,
        }
    }

    /// Keeps the named channels, which must ascend.
    fn keep(mut self, kept: &[usize]) -> Picture {
        if kept.len() == self.channels {
            return self;
        }
        let mut to = 0;
        for from in (0..self.pixels.len()).step_by(self.channels) {
            for channel in kept {
                self.pixels[to] = self.pixels[from + channel];
                to += 1;
            }
        }
        self.pixels.truncate(to);
        self.channels = kept.len();
        self
    }

    /// The same picture without alpha, over `background`.
    pub(crate) fn flatten(self, background: [u8; 3]) -> Picture {
        if !self.has_alpha() {
            return self;
        }
        let blend = |colour: u8, alpha: u8, under: u8| {
            let (colour, alpha, under) = (u32::from(colour), u32::from(alpha), u32::from(under));
            ((colour * alpha + under * (255 - alpha) + 127) / 255) as u8
        };
        let [red, green, blue] = background;
        let grey = self.channels == 2 && red == green && green == blue;
        let channels = if grey { 1 } else { 3 };
        let mut pixels = Vec::with_capacity(self.count() as usize * channels);
        for pixel in self.pixels.chunks_exact(self.channels) {
            match *pixel {
                [level, alpha] if grey => pixels.push(blend(level, alpha, red)),
                [level, alpha] => pixels.extend(background.map(|under| blend(level, alpha, under))),
                [r, g, b, alpha] => {
                    pixels.extend([
                        blend(r, alpha, red),
                        blend(g, alpha, green),
                        blend(b, alpha, blue),
                    ]);
                }
                _ => {}
            }
        }
        Picture {
            width: self.width,
            height: self.height,
            channels,
            pixels,
        }
    }

    /// The same pixels as RGBA.
    pub(crate) fn into_rgba(self) -> Vec<u8> {
        match self.channels {
            1 => self.pixels.iter().flat_map(|&l| [l, l, l, 255]).collect(),
            2 => self
                .pixels
                .chunks_exact(2)
                .flat_map(|p| [p[0], p[0], p[0], p[1]])
                .collect(),
            3 => self
                .pixels
                .chunks_exact(3)
                .flat_map(|p| [p[0], p[1], p[2], 255])
                .collect(),
            _ => self.pixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgba(pixels: &[[u8; 4]]) -> Picture {
        Picture {
            width: pixels.len() as u32,
            height: 1,
            channels: 4,
            pixels: pixels.concat(),
        }
    }

    #[test]
    fn channels_that_say_nothing_go() {
        let channels = |pixels: &[[u8; 4]]| rgba(pixels).reduce().channels;
        assert_eq!(channels(&[[1, 1, 1, 255], [9, 9, 9, 255]]), 1);
        assert_eq!(channels(&[[1, 1, 1, 255], [9, 9, 9, 254]]), 2);
        assert_eq!(channels(&[[1, 1, 2, 255]]), 3);
        assert_eq!(channels(&[[1, 1, 2, 0]]), 4);
        assert_eq!(
            rgba(&[[7, 7, 7, 1], [8, 8, 8, 2]]).reduce().pixels,
            [7, 1, 8, 2]
        );
        assert_eq!(
            rgba(&[[1, 2, 3, 255], [4, 5, 6, 255]]).reduce().pixels,
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn flattening_blends_over_the_background() {
        let flat = rgba(&[[200, 100, 0, 255], [200, 100, 0, 0], [255, 255, 255, 128]])
            .flatten([0, 10, 20]);
        assert_eq!(flat.pixels, [200, 100, 0, 0, 10, 20, 128, 133, 138]);
        let grey = Picture {
            width: 1,
            height: 1,
            channels: 2,
            pixels: vec![0, 0],
        };
        assert_eq!(grey.clone().flatten([9, 9, 9]).pixels, [9]);
        assert_eq!(grey.flatten([9, 9, 8]).pixels, [9, 9, 8]);
    }

    #[test]
    fn a_cut_is_a_rectangle() {
        let picture = Picture {
            width: 3,
            height: 2,
            channels: 1,
            pixels: vec![0, 1, 2, 3, 4, 5],
        };
        assert_eq!(picture.cut(1, 0, 2, 2).pixels, [1, 2, 4, 5]);
        assert_eq!(picture.cut(0, 1, 3, 1).pixels, [3, 4, 5]);
    }
}
