//! What is made from the definition of the command line: completions and the manual page.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::exit::Exit;
use super::{Cli, output};
use domain::Failure;

/// Prints completions for a shell.
pub fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sharelock", &mut script);
    output::print(&script)?;
    Ok(Exit::Done)
}

/// Prints the manual: one page, with a chapter for every command.
pub fn man() -> Result<Exit, Failure> {
    let page = page().map_err(|error| Failure::new("make the manual", error.to_string()))?;
    output::print(&page)?;
    Ok(Exit::Done)
}

fn page() -> io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    for chapter in command.get_subcommands().filter(|chapter| chapter.get_name() != "help") {
        let man = Man::new(chapter.clone());
        page.extend_from_slice(
            format!(".SH \"SHARELOCK {}\"\n", chapter.get_name().to_uppercase()).as_bytes(),
        );
        man.render_description_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_every_command_and_its_options() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        for word in ["sharelock", "SHARELOCK AUDIT", "SHARELOCK REVOKE", "dry\\-run", "received"] {
            assert!(page.contains(word), "{word}");
        }
    }
}
