//! Colours against the equations of the standards, and sizes that do not divide.

use super::*;
use crate::player::Matrix;

fn spec(matrix: Matrix, full_range: bool) -> ColorSpec {
    ColorSpec { matrix, full_range }
}

/// One colour in planes of 8 bits.
fn plain(format: PlaneFormat, (y, u, v): (u8, u8, u8), (width, height): (usize, usize)) -> [Vec<u8>; 3] {
    let chroma = width.div_ceil(2) * height.div_ceil(2);
    let wide = |sample: u8, count: usize, shift: u32| (u16::from(sample) << shift).to_le_bytes().repeat(count);
    match format {
        PlaneFormat::I420 => [vec![y; width * height], vec![u; chroma], vec![v; chroma]],
        PlaneFormat::Nv12 => [vec![y; width * height], [u, v].repeat(chroma), Vec::new()],
        PlaneFormat::I42010 => [wide(y, width * height, 2), wide(u, chroma, 2), wide(v, chroma, 2)],
        PlaneFormat::P01010 => {
            let pairs = [wide(u, 1, 8), wide(v, 1, 8)].concat().repeat(chroma);
            [wide(y, width * height, 8), pairs, Vec::new()]
        }
    }
}

fn convert(format: PlaneFormat, color: ColorSpec, planes: &[Vec<u8>; 3], size: (u32, u32), out: (u32, u32)) -> Vec<u8> {
    let (width, chroma) = (size.0 as usize, size.0.div_ceil(2) as usize);
    let strides = match format {
        PlaneFormat::I420 => [width, chroma, chroma],
        PlaneFormat::Nv12 => [width, 2 * chroma, 0],
        PlaneFormat::I42010 => [2 * width, 2 * chroma, 2 * chroma],
        PlaneFormat::P01010 => [2 * width, 4 * chroma, 0],
    };
    let planes = [0, 1, 2].map(|index| (planes[index].as_slice(), strides[index]));
    Converter::default().rgba(&Planes { format, color, size, planes }, out).unwrap()
}

/// The equations in floating point.
fn expected(color: ColorSpec, (y, u, v): (u8, u8, u8)) -> [f32; 3] {
    let (red, blue) = color.weights();
    let (luma, chroma, offset) = if color.full_range { (255.0, 255.0, 0.0) } else { (219.0, 224.0, 16.0) };
    let grey = (f32::from(y) - offset) / luma;
    let centred = |sample: u8| (f32::from(sample) - 128.0) / chroma;
    let with_red = grey + 2.0 * (1.0 - red) * centred(v);
    let with_blue = grey + 2.0 * (1.0 - blue) * centred(u);
    let with_green = (grey - red * with_red - blue * with_blue) / (1.0 - red - blue);
    [with_red, with_green, with_blue].map(|value| (value * 255.0).clamp(0.0, 255.0))
}

#[test]
fn every_matrix_and_range_follows_its_equations_within_one_step() {
    for matrix in [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020] {
        for full_range in [false, true] {
            let color = spec(matrix, full_range);
            for triple in [
                (16, 128, 128),
                (235, 128, 128),
                (81, 90, 240),
                (145, 54, 34),
                (41, 240, 110),
                (210, 16, 146),
                (0, 0, 0),
                (255, 255, 255),
                (128, 200, 77),
            ] {
                let rgba = convert(PlaneFormat::I420, color, &plain(PlaneFormat::I420, triple, (2, 2)), (2, 2), (2, 2));
                for (found, wanted) in rgba.iter().zip(expected(color, triple)) {
                    assert!(
                        (f32::from(*found) - wanted).abs() <= 1.01,
                        "{color:?} {triple:?}: {rgba:?}, not {:?}",
                        expected(color, triple)
                    );
                }
                assert_eq!(rgba[3], 255);
            }
        }
    }
}

#[test]
fn the_primaries_of_bt601_are_the_known_triples() {
    // Limited range: red (81, 90, 240), green (145, 54, 34), blue (41, 240, 110).
    for (triple, wanted) in [((81, 90, 240), [255, 0, 0]), ((145, 54, 34), [0, 255, 0]), ((41, 240, 110), [0, 0, 255])] {
        let rgba = convert(PlaneFormat::I420, spec(Matrix::Bt601, false), &plain(PlaneFormat::I420, triple, (2, 2)), (2, 2), (1, 1));
        assert!(rgba.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 2), "{rgba:?}, not {wanted:?}");
    }
}

#[test]
fn all_layouts_give_the_same_picture_at_odd_and_even_sizes() {
    let color = spec(Matrix::Bt709, false);
    for size in [(1, 1), (2, 2), (3, 5), (7, 4), (161, 283), (64, 128)] {
        for out in [(1, 1), (3, 2), (40, 71), (161, 283), (200, 300)] {
            let pictures = [PlaneFormat::I420, PlaneFormat::Nv12, PlaneFormat::I42010, PlaneFormat::P01010].map(|format| {
                let planes = plain(format, (120, 70, 190), (size.0 as usize, size.1 as usize));
                convert(format, color, &planes, size, out)
            });
            assert_eq!(pictures[0].len(), (out.0 * out.1 * 4) as usize);
            assert!(pictures.iter().all(|picture| *picture == pictures[0]), "{size:?} to {out:?}");
            assert!(pictures[0].chunks_exact(4).all(|pixel| pixel == &pictures[0][..4]), "{size:?} to {out:?}");
        }
    }
}

#[test]
fn padding_between_rows_is_not_read() {
    let (width, height, stride) = (6_usize, 4_usize, 16_usize);
    let padded = |sample: u8, samples: usize, rows: usize| {
        let mut plane = [vec![sample; samples], vec![0xee; stride - samples]].concat().repeat(rows);
        // The last row may end with its last sample.
        plane.truncate(stride * (rows - 1) + samples);
        plane
    };
    let planes = [padded(100, width, height), padded(128, 3, 2), padded(128, 3, 2)];
    let planes = [0, 1, 2].map(|index| (planes[index].as_slice(), stride));
    let picture = Planes { format: PlaneFormat::I420, color: spec(Matrix::Bt601, true), size: (6, 4), planes };
    let rgba = Converter::default().rgba(&picture, (6, 4)).unwrap();
    assert!(rgba.chunks_exact(4).all(|pixel| pixel == [100, 100, 100, 255]));
}

#[test]
fn a_plane_that_is_too_short_gives_no_picture() {
    let planes = [(&[0; 15][..], 4), (&[0; 4][..], 2), (&[0; 4][..], 2)];
    let picture = Planes { format: PlaneFormat::I420, color: spec(Matrix::Bt601, true), size: (4, 4), planes };
    assert!(Converter::default().rgba(&picture, (4, 4)).is_none());
}

#[test]
fn shrinking_to_half_averages_and_shrinking_far_leaves_nothing_out() {
    // One white column in four: a quarter of the light, wherever the column is.
    for column in 0..4 {
        let luma: Vec<u8> = (0..64 * 64).map(|index| if index % 4 == column { 255 } else { 0 }).collect();
        let planes = [luma, vec![128; 32 * 32], vec![128; 32 * 32]];
        let rgba = convert(PlaneFormat::I420, spec(Matrix::Bt601, true), &planes, (64, 64), (16, 16));
        assert!(rgba.chunks_exact(4).all(|pixel| pixel[0].abs_diff(64) <= 1), "{:?}", &rgba[..8]);
    }
}

#[test]
fn an_edge_stays_in_its_place() {
    let luma: Vec<u8> = (0..90 * 10).map(|index| if index % 90 < 45 { 0 } else { 255 }).collect();
    let planes = [luma, vec![128; 45 * 5], vec![128; 45 * 5]];
    let rgba = convert(PlaneFormat::I420, spec(Matrix::Bt601, true), &planes, (90, 10), (60, 10));
    let row: Vec<_> = rgba[..60 * 4].chunks_exact(4).map(|pixel| pixel[0]).collect();
    assert!(row[..29].iter().all(|value| *value == 0) && row[31..].iter().all(|value| *value == 255), "{row:?}");
    assert_eq!(u16::from(row[29]) + u16::from(row[30]), 255, "{row:?}");
}

#[test]
fn plain_and_wide_vectors_give_the_same_picture() {
    let noise = |count: usize| (0..count).map(|index| ((index * index * 31) >> 3).to_le_bytes()[0]).collect::<Vec<u8>>();
    let planes = [noise(161 * 283), noise(81 * 142), noise(81 * 142)];
    let planes = [(planes[0].as_slice(), 161), (planes[1].as_slice(), 81), (planes[2].as_slice(), 81)];
    let picture = Planes { format: PlaneFormat::I420, color: spec(Matrix::Bt709, false), size: (161, 283), planes };
    for out in [(100, 177), (161, 283), (50, 60)] {
        let mut converter = Converter::default();
        let best = converter.rgba(&picture, out).unwrap();
        let mut plain = Vec::new();
        converter.kept_luma.iter_mut().chain(&mut converter.kept_chroma).for_each(|kept| kept.y = None);
        converter.rows(&picture, out.1 as usize, &mut plain).unwrap();
        assert_eq!(best, plain);
    }
}

#[test]
fn pictures_fit_the_box_whole_and_are_never_enlarged() {
    let upright = Rotation::default();
    let turned = Rotation { quarters: 1, mirrored: false };
    assert_eq!(fitted((720, 1280), upright, (450, 800)), (450, 800));
    assert_eq!(fitted((720, 1283), upright, (450, 800)), (449, 800));
    assert_eq!(fitted((1920, 1080), upright, (450, 800)), (450, 253));
    assert_eq!(fitted((180, 320), upright, (450, 800)), (180, 320));
    // The samples of a turned picture lie on their side.
    assert_eq!(fitted((720, 1280), turned, (450, 800)), (800, 450));
    assert_eq!(fitted((1, 100_000), upright, (450, 800)), (1, 800));
}

#[test]
fn a_picture_that_covers_its_place_leaves_nothing_free_and_is_never_made_larger_than_it_is() {
    let upright = Rotation::default();
    assert_eq!(covering((1920, 1080), upright, (450, 800)), (1422, 800));
    assert_eq!(covering((720, 1280), upright, (450, 800)), (450, 800));
    assert_eq!(covering((720, 1280), upright, (1280, 720)), (720, 1280), "a renderer makes it larger");
    assert_eq!(covering((1080, 1920), upright, (640, 480)), (640, 1138));
    let turned = Rotation { quarters: 1, mirrored: false };
    assert_eq!(covering((1080, 1920), turned, (640, 480)), (1138, 640));
}
