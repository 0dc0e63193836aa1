//! Questions in plain words, each with the statement that answers it. They are asked like any other.

mod equipment;
mod network;
mod people;
mod protection;
mod software;

use self::{
    equipment::EQUIPMENT, network::NETWORK, people::PEOPLE, protection::PROTECTION,
    software::SOFTWARE,
};

/// A question.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Its word in addresses.
    pub(crate) word: &'static str,
    /// The question.
    pub(crate) title: &'static str,
    /// Why somebody asks.
    pub(crate) why: &'static str,
    /// The statement.
    pub(crate) sql: &'static str,
}

/// Questions about one subject.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The subject.
    pub(crate) title: &'static str,
    pub(crate) questions: &'static [Ready],
}

/// Columns whose values are names of the schema: the question's word, the column, the enumeration. Answers on a page
/// have its words in their place.
const NAMES: [(&str, &str, &str); 7] = [
    ("administrators", "Kind", "Accounts.Privilege.PrincipalKind"),
    (
        "server-administrators",
        "How",
        "Accounts.Privilege.Mechanism",
    ),
    ("antivirus", "How it runs", "Antivirus.Product.RunningMode"),
    ("not-encrypted", "Kind", "System.ChassisKind"),
    ("no-backup", "Kind", "System.ChassisKind"),
    ("no-backup", "How much could be read", "Section.Status"),
    ("sick-disks", "Health", "Hardware.Disk.Health"),
];

impl Ready {
    /// The enumeration whose names a column holds.
    pub(crate) fn enumeration(&self, column: &str) -> Option<&'static str> {
        let own = NAMES.iter().filter(|(word, _, _)| *word == self.word);
        let mut own = own.filter(|(_, of, _)| *of == column);
        own.next().map(|(_, _, enumeration)| *enumeration)
    }
}

/// The question of a word.
pub(crate) fn ready(word: &str) -> Option<&'static Ready> {
    let questions = SUBJECTS.iter().flat_map(|subject| subject.questions);
    questions.into_iter().find(|ready| ready.word == word)
}

/// All questions.
pub(crate) static SUBJECTS: &[Subject] = &[
    Subject {
        title: "Protection",
        questions: PROTECTION,
    },
    Subject {
        title: "People",
        questions: PEOPLE,
    },
    Subject {
        title: "Software",
        questions: SOFTWARE,
    },
    Subject {
        title: "Equipment",
        questions: EQUIPMENT,
    },
    Subject {
        title: "Network and services",
        questions: NETWORK,
    },
];

#[cfg(test)]
mod tests {
    use freehold_proto::DESCRIPTOR_SET;
    use prost_reflect::DescriptorPool;

    use super::*;

    #[test]
    fn columns_with_names_of_the_schema_are_there_and_so_are_the_names() {
        let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
        for (word, column, enumeration) in NAMES {
            let sql = ready(word).unwrap().sql;
            assert!(
                sql.contains(&format!("AS \"{column}\"")),
                "{word}: {column}"
            );
            let name = format!("freehold.v1.{enumeration}");
            assert!(pool.get_enum_by_name(&name).is_some(), "{name}");
        }
    }

    #[test]
    fn there_are_at_least_twenty_each_with_a_word_of_its_own_and_a_reason() {
        let questions: Vec<&Ready> = SUBJECTS.iter().flat_map(|it| it.questions).collect();
        assert!(questions.len() >= 20);
        for one in &questions {
            assert!(
                one.title.ends_with('?') && one.why.ends_with('.'),
                "{}",
                one.title
            );
            assert!(ready(one.word).is_some_and(|found| std::ptr::eq(found, *one)));
        }
    }
}
