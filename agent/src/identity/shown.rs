//! Text from elsewhere, made safe to show on a terminal and in a log.

/// At most `limit` characters, with control and direction-changing characters replaced.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    let mut shown: String = text.chars().take(limit).map(harmless).collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

fn harmless(character: char) -> char {
    let turns_direction = matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    if character.is_control() || turns_direction {
        '\u{fffd}'
    } else {
        character
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_the_cursor_or_turns_the_text_gets_through() {
        assert_eq!(
            shown("a\x1b[2J\u{202e}b\n", 80),
            "a\u{fffd}[2J\u{fffd}b\u{fffd}"
        );
        assert_eq!(shown("abcdef", 3), "abc…");
    }
}
