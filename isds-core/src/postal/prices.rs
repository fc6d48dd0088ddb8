//! What services cost.

/// Whether a message is an ordinary or a large one (VoDZ).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostalSize {
    /// Ordinary.
    Ordinary,
    /// Large.
    Large,
}

/// Prices that an installation may set, in hellers including VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// One postal message.
    pub postal_message: i64,
    /// One postal message that is a large message.
    pub large_postal_message: i64,
    /// Room for one message in the vault, for a year.
    pub vault_message_year: i64,
}

impl Prices {
    /// Price of a postal message.
    #[must_use]
    pub fn of(&self, size: PostalSize) -> i64 {
        match size {
            PostalSize::Ordinary => self.postal_message,
            PostalSize::Large => self.large_postal_message,
        }
    }
}

impl Default for Prices {
    /// 10 CZK, the price of one postal message since 2023. No source tells another for large ones, and none what a
    /// vault costs: 1 CZK for a message and year is chosen here.
    fn default() -> Self {
        Self {
            postal_message: 1000,
            large_postal_message: 1000,
            vault_message_year: 100,
        }
    }
}
