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
    use super::*;

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
