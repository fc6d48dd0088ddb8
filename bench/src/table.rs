//! Results.

use serde::Serialize;

/// One line of the table; the fields of the JSON form are fixed.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: &'static str,
    /// Our median.
    pub ours: f64,
    /// The floor's median.
    pub floor: f64,
    /// Ours through floor.
    pub ratio: f64,
    /// What the ratio should reach; none for information.
    pub target: Option<f64>,
    /// How far single rounds of ours lay apart, as a part of the median.
    #[serde(skip)]
    pub spread: f64,
}

impl Row {
    /// A row of rates (more is better) from the rounds of both.
    pub fn of_rates(name: &'static str, ours: &[f64], floor: &[f64], target: f64) -> Self {
        let (ours_median, floor_median) = (median(ours), median(floor));
        let spread = ours.iter().fold(f64::MIN, |a, b| a.max(*b)) - ours.iter().fold(f64::MAX, |a, b| a.min(*b));
        Self {
            name,
            ours: ours_median,
            floor: floor_median,
            ratio: ours_median / floor_median,
            target: Some(target),
            spread: spread / ours_median,
        }
    }
}

/// The middle value.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The table for people.
pub fn render(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<10} {:>10} {:>8} {:>10} {:>7} {:>7}\n",
        "name", "ours/s", "spread", "floor/s", "ratio", "target"
    );
    for row in rows {
        let target = row.target.map_or("-".to_owned(), |target| format!("{target:.2}"));
        text += &format!(
            "{:<10} {:>10.1} {:>7.0}% {:>10.1} {:>7.3} {:>7}\n",
            row.name,
            row.ours,
            row.spread * 100.0,
            row.floor,
            row.ratio,
            target
        );
    }
    text
}
