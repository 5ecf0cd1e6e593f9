//! The shader against colours worked out by hand, for every plane format, matrix, range and rotation.

use std::time::Duration;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::wgpu::WgpuTestRenderer;
use flickreel::app::{Event, Model, Options, update};
use flickreel::feed::{FeedPage, Generation, Item, ItemId, MediaLocation};
use flickreel::player::{ColorSpec, Frame, Matrix, MediaInfo, Picture, PicturePath, PlaneData, PlaneFormat, PlayerEvent, Rotation};
use flickreel::ui::{FeedView, Pictures, Surfaces, theme};

use super::rig::{ms, render_state};

struct Planes(Vec<(Vec<u8>, usize)>);

impl PlaneData for Planes {
    fn plane(&self, index: usize) -> &[u8] {
        &self.0[index].0
    }

    fn stride(&self, index: usize) -> usize {
        self.0[index].1
    }
}

/// 8-bit limited-range code values of a colour, as the standards' tables give them.
struct Code {
    name: &'static str,
    matrix: Matrix,
    full_range: bool,
    ycbcr: [u8; 3],
    rgb: [u8; 3],
}

const CODES: [Code; 7] = [
    Code { name: "601 red", matrix: Matrix::Bt601, full_range: false, ycbcr: [81, 90, 240], rgb: [255, 0, 0] },
    Code { name: "601 green", matrix: Matrix::Bt601, full_range: false, ycbcr: [145, 54, 34], rgb: [0, 255, 0] },
    Code { name: "709 red", matrix: Matrix::Bt709, full_range: false, ycbcr: [63, 102, 240], rgb: [255, 0, 0] },
    Code { name: "709 blue", matrix: Matrix::Bt709, full_range: false, ycbcr: [32, 240, 118], rgb: [0, 0, 255] },
    Code { name: "2020 red", matrix: Matrix::Bt2020, full_range: false, ycbcr: [74, 97, 240], rgb: [255, 0, 0] },
    Code { name: "full-range 601 red", matrix: Matrix::Bt601, full_range: true, ycbcr: [76, 85, 255], rgb: [254, 0, 0] },
    Code { name: "709 grey", matrix: Matrix::Bt709, full_range: false, ycbcr: [126, 128, 128], rgb: [128, 128, 128] },
];

const SIDE: usize = 64;
/// Rows are longer than the picture, as decoders make them.
const PADDING: usize = 32;

/// A frame whose left half has one colour and whose right half is black.
fn frame(format: PlaneFormat, code: &Code, rotation: Rotation) -> Frame {
    let black = [if code.full_range { 0 } else { 16 }, 128, 128];
    let value = |component: usize, is_left: bool| if is_left { code.ycbcr[component] } else { black[component] };
    let plane = |side: usize, components: &[usize], wide: Option<u32>| {
        let bytes = components.len() * if wide.is_some() { 2 } else { 1 };
        let stride = side * bytes + PADDING;
        let mut data = vec![0; stride * side];
        for (row, line) in data.chunks_mut(stride).enumerate() {
            let _ = row;
            for x in 0..side {
                for (at, &component) in components.iter().enumerate() {
                    let value = value(component, x < side / 2);
                    match wide {
                        None => line[x * bytes + at] = value,
                        Some(shift) => {
                            let sample = u16::from(value) << 2 << shift;
                            line[x * bytes + at * 2..][..2].copy_from_slice(&sample.to_le_bytes());
                        }
                    }
                }
            }
        }
        (data, stride)
    };
    let planes = match format {
        PlaneFormat::I420 => vec![plane(SIDE, &[0], None), plane(SIDE / 2, &[1], None), plane(SIDE / 2, &[2], None)],
        PlaneFormat::Nv12 => vec![plane(SIDE, &[0], None), plane(SIDE / 2, &[1, 2], None)],
        PlaneFormat::I42010 => vec![plane(SIDE, &[0], Some(0)), plane(SIDE / 2, &[1], Some(0)), plane(SIDE / 2, &[2], Some(0))],
        PlaneFormat::P01010 => vec![plane(SIDE, &[0], Some(6)), plane(SIDE / 2, &[1, 2], Some(6))],
    };
    let side = u32::try_from(SIDE).unwrap();
    Frame {
        picture: Picture::Planes {
            format,
            color: ColorSpec { matrix: code.matrix, full_range: code.full_range },
            data: Box::new(Planes(planes)),
        },
        coded: (side, side),
        display: (side, side),
        rotation,
        pts: Duration::ZERO,
        serial: 0,
    }
}

/// Paints the frame over a square window and reads the middle of each quarter: top left, top right, bottom
/// left, bottom right.
fn painted(frame: Frame) -> [[u8; 3]; 4] {
    // Long after the last input: no scrim over the picture.
    let image = image_of(frame, ms(60_000));
    [(32, 32), (96, 32), (32, 96), (96, 96)].map(|(x, y)| image[y * WINDOW + x])
}

/// Sides of the window in pixels.
const WINDOW: usize = 128;

/// The pixels of a square window over which the frame is painted.
fn image_of(frame: Frame, now: Duration) -> Vec<[u8; 3]> {
    let render = render_state();
    let mut model = Model::new(&Options::default());
    let item = Item::bare(ItemId::new("v"), MediaLocation::Sample(0));
    let page = FeedPage { items: vec![item], ..FeedPage::default() };
    update(&mut model, Event::Resized { size: (128.0, 128.0), picture: PicturePath::Planes }, ms(0));
    update(&mut model, Event::Opened { label: String::new(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(0));
    let generation: Generation = model.current_generation().unwrap();
    let frames = [(generation, frame)];
    Surfaces::upload(&render, &frames);
    let mut pictures = Pictures::default();
    pictures.uploaded(generation, &frames[0].1, ms(0));
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(0));
    update(&mut model, Event::Player(PlayerEvent::Prerolled { generation, info: MediaInfo::default() }), ms(0));
    let mut harness = Harness::builder()
        .with_size([128.0, 128.0])
        .with_context_setup(theme::install)
        .renderer(WgpuTestRenderer::from_render_state(render))
        .build_ui(|ui: &mut egui::Ui| {
            // The harness leaves a margin around its view; the window has none.
            let screen = ui.ctx().content_rect();
            ui.scope_builder(egui::UiBuilder::new().max_rect(screen), |ui| {
                ui.set_clip_rect(screen);
                let _ = FeedView::show(ui, &model, &pictures, now);
            });
        });
    let image = harness.render().unwrap();
    image.pixels().map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

fn assert_near(painted: [u8; 3], expected: [u8; 3], what: &str) {
    for (painted, expected) in painted.into_iter().zip(expected) {
        assert!(painted.abs_diff(expected) <= 3, "{what}: {painted} is not {expected}");
    }
}

#[test]
fn every_plane_format_is_read_with_its_own_matrix_and_range() {
    for format in [PlaneFormat::I420, PlaneFormat::Nv12, PlaneFormat::I42010, PlaneFormat::P01010] {
        for code in &CODES {
            // Full range scales by 1023/255 from 8 to 10 bits, not by 4: two codes of 255 are off by design.
            let [left, right, ..] = painted(frame(format, code, Rotation::default()));
            let what = format!("{format:?}, {}", code.name);
            assert_near(left, code.rgb, &what);
            assert_near(right, [0, 0, 0], &what);
        }
    }
}

#[test]
fn a_rotated_picture_stands_upright() {
    let red = CODES[0].rgb;
    let black = [0, 0, 0];
    // The coded left half is red; turned clockwise it is on top, then right, then at the bottom.
    let turned = [
        (Rotation { quarters: 1, mirrored: false }, [red, red, black, black]),
        (Rotation { quarters: 2, mirrored: false }, [black, red, black, red]),
        (Rotation { quarters: 3, mirrored: false }, [black, black, red, red]),
        (Rotation { quarters: 0, mirrored: true }, [black, red, black, red]),
    ];
    for (rotation, expected) in turned {
        let corners = painted(frame(PlaneFormat::I420, &CODES[0], rotation));
        for (painted, expected) in corners.into_iter().zip(expected) {
            assert_near(painted, expected, &format!("{rotation:?}"));
        }
    }
}

/// A picture of the window's size in which no two neighbours are alike, as it lies in memory for a rotation.
fn ready_made(rotation: Rotation) -> Frame {
    let side = u32::try_from(WINDOW).unwrap();
    let mut pixels = Vec::new();
    for at in 0..WINDOW * WINDOW {
        let at = if rotation.quarters == 2 { WINDOW * WINDOW - 1 - at } else { at };
        let (x, y) = (at % WINDOW, at / WINDOW);
        pixels.extend([x * 2, y * 2, (x * 37 + y * 59) % 256].map(|value| u8::try_from(value).unwrap()));
        pixels.push(255);
    }
    Frame { picture: Picture::Rgba(pixels), coded: (side, side), display: (side, side), rotation, pts: Duration::ZERO, serial: 0 }
}

#[test]
fn a_picture_that_was_made_to_size_is_shown_pixel_by_pixel() {
    let frame = ready_made(Rotation::default());
    let Picture::Rgba(pixels) = &frame.picture else { unreachable!() };
    let expected: Vec<_> = pixels.chunks(4).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let shown = image_of(frame, ms(60_000));
    // The line of progress lies on the last rows.
    for row in 0..WINDOW - 16 {
        let pixels = row * WINDOW..(row + 1) * WINDOW;
        assert_eq!(shown[pixels.clone()], expected[pixels], "row {row}");
    }
}

#[test]
fn its_rows_under_a_scrim_are_as_dark_as_those_of_a_picture_that_has_to_be_turned() {
    let (exact, turned) = (ready_made(Rotation::default()), ready_made(Rotation { quarters: 2, mirrored: false }));
    let (exact, turned) = (image_of(exact, ms(0)), image_of(turned, ms(0)));
    assert!(exact != image_of(ready_made(Rotation::default()), ms(60_000)), "there is no scrim");
    for (exact, turned) in exact.into_iter().zip(turned) {
        assert_near(exact, turned, "a scrim");
    }
}
