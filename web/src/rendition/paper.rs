//! A document in pages: a title, headings, paragraphs, facts. It comes out as PDF/A-2a and PDF/UA-1: made to be kept, and
//! to be read aloud.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::{Document, SerializeSettings};

use super::Fonts;
use super::type_face::{Run, TypeFace, readable};

/// A4 in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 56.0;
const TEXT_WIDTH: f32 = WIDTH - 2.0 * MARGIN;
/// Where the labels of facts end and their values begin.
const LABEL_WIDTH: f32 = 150.0;
const GAP: f32 = 10.0;
const BOTTOM: f32 = HEIGHT - MARGIN - 20.0;

/// A document could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaperError {
    /// The binary holds no typeface.
    #[error("no typeface is embedded")]
    NoTypeFace,
    /// It would not be what it claims to be.
    #[error("a document cannot be written: {0}")]
    Unsound(String),
}

/// How a piece of text looks.
#[derive(Clone, Copy)]
struct Look {
    size: f32,
    bold: bool,
    grey: bool,
}

const TITLE: Look = Look {
    size: 18.0,
    bold: true,
    grey: false,
};
const HEADING: Look = Look {
    size: 12.5,
    bold: true,
    grey: false,
};
const TEXT: Look = Look {
    size: 10.0,
    bold: false,
    grey: false,
};
const LABEL: Look = Look {
    size: 10.0,
    bold: false,
    grey: true,
};
const FOOT: Look = Look {
    size: 8.0,
    bold: false,
    grey: true,
};

impl Look {
    fn line_height(self) -> f32 {
        self.size * 1.4
    }
}

/// A line in its place.
struct Line {
    page: usize,
    x: f32,
    /// Of its base line.
    y: f32,
    look: Look,
    run: Run,
    leaf: usize,
}

/// What the lines are parts of, for those who hear the document.
enum Block {
    Heading {
        level: NonZeroU16,
        text: String,
        leaf: usize,
        page: usize,
        y: f32,
    },
    Paragraph {
        leaf: usize,
    },
    Facts {
        rows: Vec<(usize, usize)>,
    },
}

/// A document being written.
pub(crate) struct Paper<'f> {
    fonts: &'f Fonts,
    lines: Vec<Line>,
    rules: Vec<(usize, f32)>,
    blocks: Vec<Block>,
    leaves: usize,
    page: usize,
    y: f32,
}

/// What a document says of itself.
pub(crate) struct About<'a> {
    /// Title.
    pub title: &'a str,
    /// Code of its language.
    pub language: &'a str,
    /// Who wrote what is in it.
    pub author: &'a str,
    /// When it was made, as local time with the offset in minutes.
    pub made: jiff::Zoned,
    /// What stands at the foot of page `n` of `m`.
    pub foot: &'a dyn Fn(usize, usize) -> String,
}

impl<'f> Paper<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Self {
        Self {
            fonts,
            lines: Vec::new(),
            rules: Vec::new(),
            blocks: Vec::new(),
            leaves: 0,
            page: 0,
            y: MARGIN,
        }
    }

    /// The title of the document.
    pub(crate) fn title(&mut self, text: &str) {
        self.heading_of(text, NonZeroU16::MIN, TITLE);
        self.y += 4.0;
    }

    /// A heading.
    pub(crate) fn heading(&mut self, text: &str) {
        self.y += 12.0;
        // A heading stays with what follows it.
        self.make_room(60.0);
        self.heading_of(text, NonZeroU16::MIN.saturating_add(1), HEADING);
        self.y += 2.0;
    }

    fn heading_of(&mut self, text: &str, level: NonZeroU16, look: Look) {
        let text = said(text);
        let leaf = self.leaf();
        let (page, y) = (self.page, self.y);
        self.set(&text, MARGIN, TEXT_WIDTH, look, leaf);
        self.blocks.push(Block::Heading {
            level,
            text,
            leaf,
            page,
            y,
        });
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str) {
        let leaf = self.leaf();
        self.set(text, MARGIN, TEXT_WIDTH, TEXT, leaf);
        self.y += 5.0;
        self.blocks.push(Block::Paragraph { leaf });
    }

    /// Facts with their labels, one under the other.
    pub(crate) fn facts<'t>(&mut self, facts: impl IntoIterator<Item = (&'t str, &'t str)>) {
        let mut rows = Vec::new();
        for (label, value) in facts {
            let (head, cell) = (self.leaf(), self.leaf());
            let labels = self.face(LABEL).lines(label, (LABEL_WIDTH - GAP) / LABEL.size);
            let values = self.face(TEXT).lines(value, (TEXT_WIDTH - LABEL_WIDTH) / TEXT.size);
            // A row is broken only where it alone fills a page.
            let height = labels.len().max(values.len()) as f32 * TEXT.line_height();
            self.make_room(height.min(BOTTOM - MARGIN));
            let (page, y) = (self.page, self.y);
            self.place(labels, MARGIN, LABEL, head);
            let below = (self.page, self.y);
            (self.page, self.y) = (page, y);
            self.place(values, MARGIN + LABEL_WIDTH, TEXT, cell);
            if (self.page, self.y) < below {
                (self.page, self.y) = below;
            }
            self.y += 2.0;
            self.rules.push((self.page, self.y));
            self.y += 2.0;
            rows.push((head, cell));
        }
        if !rows.is_empty() {
            self.blocks.push(Block::Facts { rows });
        }
        self.y += 4.0;
    }

    fn leaf(&mut self) -> usize {
        self.leaves += 1;
        self.leaves - 1
    }

    fn face(&self, look: Look) -> &'f TypeFace {
        if look.bold {
            &self.fonts.bold
        } else {
            &self.fonts.regular
        }
    }

    fn make_room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.page += 1;
            self.y = MARGIN;
        }
    }

    fn set(&mut self, text: &str, x: f32, width: f32, look: Look, leaf: usize) {
        let lines = self.face(look).lines(text, width / look.size);
        self.place(lines, x, look, leaf);
    }

    fn place(&mut self, lines: Vec<Run>, x: f32, look: Look, leaf: usize) {
        for run in lines {
            self.make_room(look.line_height());
            let y = self.y + look.size * 1.05;
            self.lines.push(Line {
                page: self.page,
                x,
                y,
                look,
                run,
                leaf,
            });
            self.y += look.line_height();
        }
    }

    /// The document as PDF.
    ///
    /// # Errors
    /// Where it would not be what it claims to be.
    pub(crate) fn finish(self, about: &About<'_>) -> Result<Vec<u8>, PaperError> {
        let failed = |why: &dyn std::fmt::Debug| PaperError::Unsound(format!("{why:?}"));
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| failed(&error))?;
        let mut document = Document::new_with(SerializeSettings {
            configuration,
            ..SerializeSettings::default()
        });
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| failed(&"size of a page"))?;
        let pages = self.page + 1;
        let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); self.leaves];
        for number in 0..pages {
            let mut page = document.start_page_with(settings.clone());
            self.draw(&mut page, number, &(about.foot)(number + 1, pages), &mut leaves);
            page.finish();
        }
        document.set_outline(self.outline());
        document.set_tag_tree(tree(&self.blocks, &leaves));
        document.set_metadata(metadata(about));
        document.finish().map_err(|error| failed(&error))
    }

    fn draw(&self, page: &mut Page<'_>, number: usize, foot: &str, leaves: &mut [Vec<Identifier>]) {
        let mut surface = page.surface();
        for (_, y) in self.rules.iter().filter(|(page, _)| *page == number) {
            rule(&mut surface, *y);
        }
        for line in self
            .lines
            .iter()
            .filter(|line| line.page == number && !line.run.glyphs.is_empty())
        {
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            self.write(&mut surface, line.x, line.y, line.look, &line.run);
            surface.end_tagged();
            if let Some(leaf) = leaves.get_mut(line.leaf) {
                leaf.push(id);
            }
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        for run in self.face(FOOT).lines(foot, TEXT_WIDTH / FOOT.size).iter().take(1) {
            self.write(&mut surface, MARGIN, HEIGHT - MARGIN + 10.0, FOOT, run);
        }
        surface.end_tagged();
        surface.finish();
    }

    fn write(&self, surface: &mut Surface<'_>, x: f32, y: f32, look: Look, run: &Run) {
        let shade = if look.grey {
            rgb::Color::new(85, 85, 85)
        } else {
            rgb::Color::new(20, 20, 20)
        };
        surface.set_fill(Some(Fill {
            paint: shade.into(),
            ..Fill::default()
        }));
        surface.set_stroke(None);
        let font = self.face(look).font.clone();
        surface.draw_glyphs(Point::from_xy(x, y), &run.glyphs, font, &run.text, look.size, false);
    }

    fn outline(&self) -> Outline {
        let mut outline = Outline::new();
        for block in &self.blocks {
            if let Block::Heading { text, page, y, .. } = block {
                let place = XyzDestination::new(*page, Point::from_xy(MARGIN, *y));
                outline.push_child(OutlineNode::new(text.clone(), place));
            }
        }
        outline
    }
}

fn rule(surface: &mut Surface<'_>, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(MARGIN, y);
    path.line_to(WIDTH - MARGIN, y);
    let Some(path) = path.finish() else { return };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(208, 208, 208).into(),
        width: 0.5,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
    surface.end_tagged();
}

fn tree(blocks: &[Block], leaves: &[Vec<Identifier>]) -> TagTree {
    let fill = |mut group: TagGroup, leaf: usize| {
        for id in leaves.get(leaf).into_iter().flatten() {
            group.push(*id);
        }
        group
    };
    let mut tree = TagTree::new();
    for block in blocks {
        match block {
            Block::Heading { level, text, leaf, .. } => {
                tree.push(fill(TagGroup::new(Tag::Hn(*level, Some(text.clone()))), *leaf));
            }
            Block::Paragraph { leaf } => tree.push(fill(TagGroup::new(Tag::P), *leaf)),
            Block::Facts { rows } => {
                let mut table = TagGroup::new(Tag::Table);
                for (head, cell) in rows {
                    let mut row = TagGroup::new(Tag::TR);
                    row.push(fill(TagGroup::new(Tag::TH(TableHeaderScope::Row)), *head));
                    row.push(fill(TagGroup::new(Tag::TD), *cell));
                    table.push(row);
                }
                tree.push(table);
            }
        }
    }
    tree
}

/// A title or heading has to say something, to those who hear the document above all.
fn said(text: &str) -> String {
    let text = readable(text);
    if text.is_empty() { "–".to_owned() } else { text }
}

fn metadata(about: &About<'_>) -> Metadata {
    let made = &about.made;
    let small = |number: i8| u8::try_from(number).unwrap_or(0);
    let offset = made.offset().seconds() / 60;
    let date = DateTime::new(u16::try_from(made.year()).unwrap_or(0))
        .month(small(made.month()))
        .day(small(made.day()))
        .hour(small(made.hour()))
        .minute(small(made.minute()))
        .second(small(made.second()))
        .utc_offset_hour(i8::try_from(offset / 60).unwrap_or(0))
        .utc_offset_minute(u8::try_from(offset.rem_euclid(60)).unwrap_or(0));
    Metadata::new()
        .title(said(about.title))
        .language(about.language.to_owned())
        .authors(vec![readable(about.author)])
        .creation_date(date)
}
