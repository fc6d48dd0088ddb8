//! Pictures made of rectangles, in whole units of a drawing of fixed size; colours come from the style sheet.

/// Width and height of what is drawn; the picture is scaled to the page.
const WIDTH: u64 = 720;
const HEIGHT: u64 = 240;
/// Room for labels below.
const FOOT: u64 = 24;
/// Room above, for the numbers over the columns.
const HEAD: u64 = 18;
/// A horizontal bar with its label.
const BAR: u64 = 34;
/// Longest label of a bar stands above it; the bar may be as long as this.
const LONGEST: u64 = 640;

/// A rectangle; `series` tells its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) series: usize,
}

/// A text in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) text: String,
}

/// Columns beside each other, each of parts on top of one another.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) rects: Vec<Rect>,
    pub(super) labels: Vec<Label>,
    pub(super) numbers: Vec<Label>,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) base: u64,
}

impl Columns {
    /// Columns with their labels; of each the parts from below.
    pub(super) fn of(labels: Vec<String>, parts: Vec<Vec<u64>>) -> Self {
        let base = HEIGHT - FOOT;
        let mut drawn = Self {
            width: WIDTH,
            height: HEIGHT,
            base,
            ..Self::default()
        };
        let count = parts.len().max(1) as u64;
        let most = parts
            .iter()
            .map(|column| column.iter().sum::<u64>())
            .max()
            .unwrap_or(0)
            .max(1);
        let step = WIDTH / count;
        let width = (step * 7 / 10).clamp(4, 72);
        for ((place, label), column) in (0_u64..).zip(labels).zip(parts) {
            let x = place * step + (step - width) / 2;
            let mut top = base;
            for (series, part) in column.iter().enumerate() {
                let height = scaled(*part, most, base - HEAD);
                top -= height;
                if height > 0 {
                    drawn.rects.push(Rect {
                        x,
                        y: top,
                        width,
                        height,
                        series,
                    });
                }
            }
            let middle = x + width / 2;
            drawn.labels.push(Label {
                x: middle,
                y: HEIGHT - 6,
                text: label,
            });
            drawn.numbers.push(Label {
                x: middle,
                y: top - 4,
                text: column.iter().sum::<u64>().to_string(),
            });
        }
        drawn
    }
}

/// Bars below each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Bars {
    pub(super) rects: Vec<Rect>,
    pub(super) labels: Vec<Label>,
    pub(super) numbers: Vec<Label>,
    pub(super) width: u64,
    pub(super) height: u64,
}

impl Bars {
    /// Bars with their labels.
    pub(super) fn of(values: Vec<(String, u64)>) -> Self {
        let most = values.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
        let mut drawn = Self {
            width: WIDTH,
            height: BAR * values.len().max(1) as u64,
            ..Self::default()
        };
        for (place, (label, value)) in (0_u64..).zip(values) {
            let top = place * BAR;
            let width = scaled(value, most, LONGEST).max(1);
            drawn.labels.push(Label {
                x: 0,
                y: top + 13,
                text: label,
            });
            drawn.rects.push(Rect {
                x: 0,
                y: top + 18,
                width,
                height: 12,
                series: 0,
            });
            drawn.numbers.push(Label {
                x: width + 6,
                y: top + 29,
                text: value.to_string(),
            });
        }
        drawn
    }
}

/// A part of `most` as a part of `room`; what there is stays visible.
fn scaled(value: u64, most: u64, room: u64) -> u64 {
    let scaled = u128::from(value) * u128::from(room) / u128::from(most.max(1));
    let scaled = u64::try_from(scaled).unwrap_or(room).min(room);
    if value > 0 { scaled.max(1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_high_as_their_figures() {
        let drawn = Columns::of(vec!["1/2026".into(), "2/2026".into()], vec![vec![10, 10], vec![0, 5]]);
        let heights: Vec<u64> = drawn.rects.iter().map(|rect| rect.height).collect();
        assert_eq!(heights, [99, 99, 49]);
        assert_eq!(
            drawn.rects[0].y + drawn.rects[0].height,
            drawn.base,
            "parts stand on the base"
        );
        assert_eq!(
            drawn.rects[1].y + drawn.rects[1].height,
            drawn.rects[0].y,
            "and on one another"
        );
        assert_eq!(drawn.numbers[0].text, "20");
        assert!(
            drawn
                .rects
                .iter()
                .all(|rect| rect.x + rect.width <= drawn.width && rect.y >= 10)
        );
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(Columns::of(Vec::new(), Vec::new()).rects.is_empty());
        let zero = Columns::of(vec!["1/2026".into()], vec![vec![0]]);
        assert!(zero.rects.is_empty() && zero.numbers[0].text == "0");
        assert!(Bars::of(Vec::new()).rects.is_empty());
    }

    #[test]
    fn figures_of_any_size_fit() {
        let drawn = Columns::of(vec!["a".into(), "b".into()], vec![vec![u64::MAX / 2], vec![1]]);
        assert_eq!(drawn.rects[1].height, 1, "one is to be seen beside any number");
        let bars = Bars::of(vec![("a".into(), u64::MAX), ("b".into(), 0)]);
        assert!(bars.rects.iter().all(|rect| rect.x + rect.width <= bars.width));
    }
}
