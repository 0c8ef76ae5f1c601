//! Audiences: for whom a scan is made, and so which rules it is judged by.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For whom a rule matters: `private`, `federal-agency`, `federal-contractor`, `federal-funds`, `state:XX` (the
/// public sector of a state of the United States) or `country:XX` (ISO 3166; `EU` for the Union's institutions).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Audience {
    /// A person or enterprise in the United States without federal contracts.
    Private,
    /// A federal department or agency.
    FederalAgency,
    /// Who contracts with the federal government, at any tier.
    FederalContractor,
    /// Who spends federal grants, loans or subsidies.
    FederalFunds,
    /// The public sector of a state, by its two letters.
    State(String),
    /// The public sector of a country, by its two letters.
    Country(String),
}

/// What `--audience` takes: one audience, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audiences {
    /// Every audience that a rule names.
    All,
    /// One.
    One(Audience),
}

impl FromStr for Audiences {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Audiences::All),
            one => one.parse().map(Audiences::One),
        }
    }
}

impl fmt::Display for Audiences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Audiences::All => f.write_str("all"),
            Audiences::One(audience) => audience.fmt(f),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Audience::Private => f.write_str("private"),
            Audience::FederalAgency => f.write_str("federal-agency"),
            Audience::FederalContractor => f.write_str("federal-contractor"),
            Audience::FederalFunds => f.write_str("federal-funds"),
            Audience::State(code) => write!(f, "state:{code}"),
            Audience::Country(code) => write!(f, "country:{code}"),
        }
    }
}

impl FromStr for Audience {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let code = |code: &str| {
            if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                Ok(code.to_ascii_uppercase())
            } else {
                Err(format!("`{code}` is no code of two letters, such as TX or DE"))
            }
        };
        match text.split_once(':') {
            Some(("state", state)) => Ok(Audience::State(code(state)?)),
            Some(("country", country)) => Ok(Audience::Country(code(country)?)),
            _ => match text {
                "private" => Ok(Audience::Private),
                "federal-agency" => Ok(Audience::FederalAgency),
                "federal-contractor" => Ok(Audience::FederalContractor),
                "federal-funds" => Ok(Audience::FederalFunds),
                _ => Err(format!(
                    "no audience `{text}`; there are private, federal-agency, federal-contractor, \
                     federal-funds, state:XX, country:XX and all"
                )),
            },
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_reads_as_it_is_written() {
        for text in
            ["private", "federal-agency", "federal-contractor", "federal-funds", "state:TX", "country:DE"]
        {
            assert_eq!(text.parse::<Audience>().unwrap().to_string(), text);
        }
        assert_eq!("state:tx".parse(), Ok(Audience::State("TX".to_owned())));
        for wrong in ["", "state", "state:Texas", "country:", "public"] {
            assert!(wrong.parse::<Audience>().is_err(), "{wrong}");
        }
    }
}
