//! Results.

use serde::Serialize;

/// One line of the table; the fields of the JSON form are fixed.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Our median.
    pub ours: f64,
    /// The floor's median; none where nothing stands beside ours.
    pub floor: Option<f64>,
    /// Ours through floor.
    pub ratio: Option<f64>,
    /// What the ratio should reach; none for information.
    pub target: Option<f64>,
    /// What ours and floor are counted in.
    #[serde(skip)]
    unit: &'static str,
    /// Which side of the target is the good one.
    #[serde(skip)]
    better: Better,
    /// How far single rounds of ours lay apart, as a part of the median.
    #[serde(skip)]
    spread: f64,
}

/// What is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    More,
    Less,
}

impl Row {
    /// A row of rates, of which more are better, from the rounds of both.
    pub fn of_rates(name: &str, ours: &[f64], floor: &[f64], target: f64) -> Self {
        Self::information(name, "/s", ours, Some(floor)).with_target(Better::More, target)
    }

    /// A row of what should be little, in this unit, from the rounds of both.
    pub fn of_costs(name: &str, unit: &'static str, ours: &[f64], floor: &[f64], target: f64) -> Self {
        Self::information(name, unit, ours, Some(floor)).with_target(Better::Less, target)
    }

    /// A row without a target.
    pub fn information(name: &str, unit: &'static str, ours: &[f64], floor: Option<&[f64]>) -> Self {
        let middle = median(ours);
        let most = ours.iter().copied().fold(f64::MIN, f64::max);
        let least = ours.iter().copied().fold(f64::MAX, f64::min);
        let floor = floor.map(median);
        Self {
            name: name.to_owned(),
            ours: middle,
            floor,
            ratio: floor.map(|floor| middle / floor),
            target: None,
            unit,
            better: Better::More,
            spread: if middle > 0.0 { (most - least) / middle } else { 0.0 },
        }
    }

    fn with_target(mut self, better: Better, target: f64) -> Self {
        self.better = better;
        self.target = Some(target);
        self
    }

    /// Whether the ratio is at its target or better; a row without one is always fine.
    pub fn is_reached(&self) -> bool {
        match (self.ratio, self.target) {
            (Some(ratio), Some(target)) => match self.better {
                Better::More => ratio >= target,
                Better::Less => ratio <= target,
            },
            _ => true,
        }
    }
}

/// The middle value.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this part of all lies.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list that fits into memory"
    )]
    let place = (sorted.len() as f64 * part) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

/// The table for people.
pub fn render(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(10);
    let mut text = format!(
        "{:<width$} {:>11} {:<6} {:>6} {:>11} {:>7} {:>7}\n",
        "name", "ours", "", "spread", "floor", "ratio", "target"
    );
    for row in rows {
        let number = |number: Option<f64>, decimals| {
            number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
        };
        let sign = match row.better {
            Better::More => "≥",
            Better::Less => "≤",
        };
        let target = row
            .target
            .map_or_else(|| "-".to_owned(), |target| format!("{sign} {target:.2}"));
        let decimals = if row.ours < 10.0 { 3 } else { 1 };
        text += &format!(
            "{:<width$} {:>11.decimals$} {:<6} {:>5.0}% {:>11} {:>7} {:>7}{}\n",
            row.name,
            row.ours,
            row.unit,
            row.spread * 100.0,
            number(row.floor, decimals),
            number(row.ratio, 3),
            target,
            if row.is_reached() { "" } else { "  missed" }
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_is_judged_its_own_way_round() {
        assert!(Row::of_rates("accept", &[250.0], &[1000.0], 0.25).is_reached());
        assert!(!Row::of_rates("accept", &[249.0], &[1000.0], 0.25).is_reached());
        assert!(Row::of_costs("vodz", "s", &[2.0], &[1.0], 2.0).is_reached());
        assert!(!Row::of_costs("vodz", "s", &[2.1], &[1.0], 2.0).is_reached());
        assert!(Row::information("postfix", "/s", &[1.0], None).is_reached());
    }

    #[test]
    fn the_middle_and_the_slowest_of_a_hundred() {
        let values: Vec<f64> = (0..100).rev().map(f64::from).collect();
        assert_eq!((median(&values), quantile(&values, 0.99)), (50.0, 99.0));
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn the_json_form_has_five_fields() {
        let row = serde_json::to_value(Row::of_costs("memory", "MB", &[32.0], &[64.0], 1.0)).unwrap();
        let expected = serde_json::json!({"name": "memory", "ours": 32.0, "floor": 64.0, "ratio": 0.5, "target": 1.0});
        assert_eq!(row, expected);
    }
}
