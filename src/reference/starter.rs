//! The starter set of code tables that is in the program, so that a clone alone is usable.
//! `service` loads it into an empty database; `import` takes from it what a source does not tell.

use sha2::{Digest, Sha256};

use super::Table;
use super::source::{Draft, Fault, read};

const fn text(table: Table) -> &'static str {
    match table {
        Table::Commodity => include_str!("starter/commodity.csv"),
        Table::Unit => include_str!("starter/unit.csv"),
        Table::Currency => include_str!("starter/currency.csv"),
        Table::Country => include_str!("starter/country.csv"),
        Table::Customs => include_str!("starter/customs.csv"),
        Table::LevyMode => include_str!("starter/levy_mode.csv"),
        Table::LevyNature => include_str!("starter/levy_nature.csv"),
        Table::SupervisionMode => include_str!("starter/supervision_mode.csv"),
        Table::TransportMode => include_str!("starter/transport_mode.csv"),
        Table::TransactionMode => include_str!("starter/transaction_mode.csv"),
        Table::PackageType => include_str!("starter/package_type.csv"),
        Table::Port => include_str!("starter/port.csv"),
        Table::District => include_str!("starter/district.csv"),
        Table::Synonym => include_str!("starter/synonyms.csv"),
    }
}

/// The entries of a table.
///
/// # Errors
/// Faults of our own files; a test sees to it that there are none.
pub fn drafts(table: Table) -> Result<Vec<Draft>, Vec<Fault>> {
    read(table, &format!("starter/{}.csv", table.key()), text(table).as_bytes())
}

/// Changes when the set of a newer program differs.
pub fn fingerprint(table: Table) -> String {
    super::import::short_hash(Sha256::digest(text(table)).as_slice())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_clone_alone_has_every_table() {
        for (table, at_least) in [
            (Table::Commodity, 400),
            (Table::Unit, 100),
            (Table::Currency, 20),
            (Table::Country, 200),
            (Table::Customs, 40),
            (Table::LevyMode, 9),
            (Table::LevyNature, 50),
            (Table::SupervisionMode, 50),
            (Table::TransportMode, 15),
            (Table::TransactionMode, 7),
            (Table::PackageType, 10),
            (Table::Port, 40),
            (Table::District, 60),
            (Table::Synonym, 100),
        ] {
            let drafts = drafts(table).unwrap_or_else(|faults| panic!("{table:?}: {faults:?}"));
            assert!(drafts.len() >= at_least, "{table:?} has only {}", drafts.len());
        }
    }

    #[test]
    fn every_other_spelling_stands_for_a_code() {
        // A spelling of a code that is gone would be taken for that code and then refused.
        for draft in drafts(Table::Synonym).unwrap() {
            let (table, _) = draft.code.split_once(':').unwrap();
            if table == "heading" {
                continue; // of fields, which a business folder knows
            }
            let table = Table::from_key(table).unwrap_or_else(|| panic!("{draft:?}"));
            let meant = draft.name_en.as_deref();
            assert!(drafts(table).unwrap().iter().any(|one| Some(one.code.as_str()) == meant), "{draft:?}");
        }
    }

    #[test]
    fn every_unit_of_a_commodity_is_in_the_unit_table() {
        let units: BTreeSet<String> = drafts(Table::Unit).unwrap().into_iter().map(|draft| draft.code).collect();
        for draft in drafts(Table::Commodity).unwrap() {
            for unit in [draft.unit, draft.unit2].into_iter().flatten().filter(|unit| !unit.is_empty()) {
                assert!(units.contains(&unit), "{} has the unknown unit {unit}", draft.code);
            }
        }
    }
}
