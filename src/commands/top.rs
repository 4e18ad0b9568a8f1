//! `vc top`: what virtual clusters cost and how they do, live.

mod draw;
mod gather;
mod model;
mod row;

#[cfg(test)]
mod tests;

use futures::FutureExt;
use futures::future::{Fuse, LocalBoxFuture};
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use self::model::{Id, Model, Next};
use self::row::Row;
use super::App;
use super::list::aligned;
use crate::cli::{TopArgs, TopFormat};
use crate::error::{Failure, Kind, one_line};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::ui::Input;

/// Shows them until a key ends it; off a terminal, or when that is asked for, prints them once. The number is the
/// exit code.
///
/// # Errors
/// When the host does not say which clusters there are. Whatever else is not known is a dash.
pub(super) async fn run(app: &App, args: &TopArgs) -> anyhow::Result<u8> {
    if args.interval.is_zero() {
        let failure = Failure::new(
            Kind::Usage,
            "`--interval` is the time between two looks, and cannot be none",
        );
        return Err(failure.hint("pass `--interval 5s`").into());
    }
    let (host, files) = app.connect().await?;
    if args.output.is_none() && !args.once && app.ui.can_be_drawn_on() {
        return Box::pin(live(app, args, &host, &files)).await;
    }
    let (rows, notes) = Box::pin(gather::snapshot(app, args, &host, &files, None)).await?;
    app.ui.data(&match args.output {
        Some(TopFormat::Json) => format!("{}\n", serde_json::to_string_pretty(&rows)?),
        None if rows.is_empty() => String::new(),
        None => aligned(row::table(&rows, Timestamp::now())),
    })?;
    if rows.is_empty() && args.output.is_none() {
        app.ui
            .note("no virtual clusters: make one with `vc create NAME`");
    }
    for note in notes {
        app.ui.note(&note);
    }
    Ok(0)
}

type Snapshot<'a> = LocalBoxFuture<'a, anyhow::Result<(Vec<Row>, Vec<String>)>>;

/// Draws after every key and every snapshot. The first snapshot fails the command, a later one only says so.
async fn live(app: &App, args: &TopArgs, host: &Host, files: &Files) -> anyhow::Result<u8> {
    let look = |opened: Option<Id>| -> Fuse<Snapshot<'_>> {
        gather::snapshot(app, args, host, files, opened)
            .boxed_local()
            .fuse()
    };
    let mut screen = app.ui.screen()?;
    let mut inputs = screen.inputs();
    let in_colour = app.ui.has_colours();
    let mut model = Model::default();
    let mut ticks = interval(args.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut snapshot: Fuse<Snapshot<'_>> = Fuse::terminated();
    let mut is_looking = false;
    loop {
        screen.draw(|frame| draw::draw(frame, &model, Timestamp::now(), in_colour))?;
        tokio::select! {
            input = inputs.recv() => match input {
                // The terminal has gone.
                None => return Ok(0),
                Some(Input::Resized) => {}
                Some(Input::Key(key)) => match model.press(key) {
                    Next::Stay => {}
                    Next::Refresh => {
                        snapshot = look(model.opened());
                        is_looking = true;
                    }
                    Next::Quit => return Ok(0),
                    Next::Interrupt => return Ok(Kind::Signal(2).exit_code()),
                },
            },
            _ = ticks.tick(), if !is_looking => {
                snapshot = look(model.opened());
                is_looking = true;
            }
            found = &mut snapshot => {
                is_looking = false;
                match found {
                    Ok((rows, notes)) => model.update(rows, notes),
                    Err(error) if model.is_known => model.fail(one_line(&error)),
                    Err(error) => return Err(error),
                }
            }
        }
    }
}
