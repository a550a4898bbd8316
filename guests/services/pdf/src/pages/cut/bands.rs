//! Items of flex and grid containers: those beside each other are divided at the same time.

use super::super::{Strip, TOLERANCE};
use super::Cutter;
use crate::boxes::BoxId;
use crate::css::values::keyword::{BreakBetween, BreakInside};

/// Items whose heights overlap.
struct Band {
    items: Vec<BoxId>,
    top: f32,
    bottom: f32,
}

/// Bands that are not more than this part of a page are not divided.
const WHOLE_PART: f32 = 0.25;

impl Cutter<'_> {
    pub(super) fn bands(&mut self, id: BoxId, top: f32) -> f32 {
        let layout = self.tree.get(id).layout;
        let edge = layout.padding.bottom + layout.border.bottom;
        let bands = self.bands_of(id);
        let count = bands.len();
        let outer = self.below;
        let mut shift = 0.0;
        let mut end = top;
        let mut natural_end: f32 = 0.0;
        let mut before: Option<BreakBetween> = None;
        for (at, band) in bands.into_iter().enumerate() {
            let natural = top + band.top + shift;
            let height = band.bottom - band.top;
            self.below = if at + 1 == count {
                (edge + outer).min(super::BELOW_MAX)
            } else {
                0.0
            };
            let asked = band
                .items
                .iter()
                .map(|item| self.break_before(*item))
                .chain(before)
                .find(|side| {
                    matches!(
                        side,
                        BreakBetween::Page | BreakBetween::Left | BreakBetween::Right
                    )
                });
            let y = match asked {
                Some(side) if !self.is_fresh(natural) => {
                    let name = self.slots.name_at(natural);
                    self.slots.force(natural, side, name.as_ref()) + self.reserve
                }
                _ => {
                    let soft = self.band_lead(&band, true, natural);
                    let hard = self.band_lead(&band, false, natural);
                    self.start(natural, height, soft, hard)
                }
            };
            let bottom = self.band(&band, y);
            before = band
                .items
                .iter()
                .map(|item| self.break_after(*item))
                .find(|side| {
                    matches!(
                        side,
                        BreakBetween::Page | BreakBetween::Left | BreakBetween::Right
                    )
                });
            shift += (y - natural) + (bottom - y - height);
            end = end.max(bottom);
            natural_end = natural_end.max(band.bottom);
        }
        self.below = outer;
        let grown = end - (top + natural_end);
        let slack = (layout.size.height - edge - natural_end).max(0.0);
        top + layout.size.height + (grown - slack).max(0.0)
    }

    /// Puts the items of a band in their places; those that were as tall as it are again.
    fn band(&mut self, band: &Band, y: f32) -> f32 {
        let below = self.below;
        let mut bottom = y + (band.bottom - band.top);
        for item in &band.items {
            let at = y + self.tree.get(*item).layout.location.y - band.top;
            self.below = below;
            bottom = bottom.max(self.place(*item, at));
        }
        for item in &band.items {
            let layout = self.tree.get(*item).layout;
            let is_whole = layout.location.y + layout.size.height >= band.bottom - TOLERANCE;
            if is_whole && band.items.len() > 1 {
                let strip = self.tree.get(*item).strip;
                self.tree.get_mut(*item).strip = Strip { bottom, ..strip };
            }
        }
        bottom
    }

    fn bands_of(&self, id: BoxId) -> Vec<Band> {
        let mut items: Vec<(BoxId, f32, f32)> = self
            .in_flow(id)
            .into_iter()
            .map(|item| {
                let layout = &self.tree.get(item).layout;
                let top = layout.location.y;
                (item, top, top + layout.size.height)
            })
            .collect();
        items.sort_by(|one, other| one.1.total_cmp(&other.1));
        let mut bands: Vec<Band> = Vec::new();
        for (item, top, bottom) in items {
            match bands.last_mut() {
                Some(band) if top < band.bottom - TOLERANCE || top == band.top => {
                    band.items.push(item);
                    band.bottom = band.bottom.max(bottom);
                }
                _ => bands.push(Band {
                    items: vec![item],
                    top,
                    bottom,
                }),
            }
        }
        bands
    }

    fn band_lead(&self, band: &Band, soft: bool, y: f32) -> f32 {
        let height = band.bottom - band.top;
        let page = self.page_height(y);
        if soft && height <= page * WHOLE_PART {
            return height;
        }
        let leads = band.items.iter().map(|item| {
            let one = self.tree.get(*item);
            let inner = if soft && one.style.break_inside == BreakInside::Avoid {
                one.layout.size.height
            } else {
                self.lead(*item, soft)
            };
            one.layout.location.y - band.top + inner
        });
        leads.fold(0.0, f32::max)
    }

    /// The first piece of a container; `None` is all of it.
    pub(super) fn bands_lead(&self, id: BoxId, soft: bool) -> Option<f32> {
        let bands = self.bands_of(id);
        let first = bands.first()?;
        let lead = self.band_lead(first, soft, 0.0);
        let is_whole = bands.len() == 1 && lead + TOLERANCE >= first.bottom - first.top;
        (!is_whole).then_some(first.top + lead)
    }

    fn page_height(&self, y: f32) -> f32 {
        let slots = &self.slots.list;
        let own = slots.iter().find(|slot| slot.end > y).or(slots.last());
        own.map_or(f32::INFINITY, |slot| slot.end - slot.start)
    }
}
