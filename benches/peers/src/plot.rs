//! Nanoseconds per heartbeat against the number of activities, as an SVG.

use std::collections::BTreeMap;
use std::path::Path;

use plotters::prelude::*;

use crate::cli::{Cli, Workload};
use crate::machine;
use crate::suite::{self, Selection};

/// The smallest population of the plot.
const SMALLEST: u32 = 1_000;
/// The largest unless `--activities` says otherwise.
const LARGEST: u32 = 10_000_000;
/// Wide enough for the legend, small enough for a README.
const SIZE: (u32, u32) = (960, 600);
/// The axis goes on so much further than the lines, for the legend to cover none of them.
const LEGEND_ROOM: f64 = 5.0;
/// Okabe and Ito's, which those who see few colours can tell apart; in the order of the names.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0xE6, 0x9F, 0x00),
];

/// Activities and nanoseconds.
type Point = (f64, f64);
type Series = BTreeMap<String, Vec<Point>>;

/// Measures and draws.
pub fn run(cli: &Cli, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", machine::settings());
    let mut series = Series::new();
    let sizes = std::iter::successors(Some(SMALLEST), |size| size.checked_mul(10));
    for activities in sizes.take_while(|&size| size <= cli.activities.unwrap_or(LARGEST)) {
        let selection = Selection {
            activities,
            workloads: [Workload::Steady, Workload::Limit].into(),
            peers: suite::named_or_all(&cli.peers),
            runs: cli.runs,
            worst: false,
        };
        for result in suite::run(&selection)? {
            let Some(ns) = result.ns() else { continue };
            println!("{activities:>9} {:<12} {ns:8.1} ns per heartbeat", result.peer);
            series.entry(result.peer).or_default().push((f64::from(activities), ns));
        }
    }
    draw(&series, cli.runs, file)?;
    println!("wrote {}", file.display());
    Ok(())
}

fn draw(series: &Series, runs: u32, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let points = || series.values().flatten();
    let most = points().map(|point| point.0).fold(f64::from(SMALLEST) * 10.0, f64::max);
    let lowest = points().map(|point| point.1).fold(f64::INFINITY, f64::min).max(1.0);
    let highest = points().map(|point| point.1).fold(lowest * 10.0, f64::max);
    let title = format!("steady: cost of a heartbeat, all-in (median of {runs}, one machine)");
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d(
            (f64::from(SMALLEST)..most * LEGEND_ROOM).log_scale(),
            // Room above and below, so that no line runs along the frame.
            (lowest / 1.5..highest * 1.5).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc("started activities (log scale)")
        .y_desc("nanoseconds per heartbeat (log scale)")
        .x_label_formatter(&power_of_ten)
        .y_label_formatter(&|y| format!("{y:.0}"))
        .axis_desc_style(("sans-serif", 16))
        .light_line_style(RGBColor(0xEE, 0xEE, 0xEE))
        .draw()?;
    for (name, points, colour) in by_cost(series) {
        let style = colour.stroke_width(if name == "heartwheel" { 3 } else { 2 });
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style).point_size(3))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}

/// Names the decades and leaves other marks bare.
fn power_of_ten(x: &f64) -> String {
    let power = x.log10();
    if (power - power.round()).abs() < 1e-6 {
        format!("10^{power:.0}")
    } else {
        String::new()
    }
}

/// The dearest first, so that the legend reads as the lines lie.
fn by_cost(series: &Series) -> Vec<(&str, &[Point], RGBColor)> {
    let coloured = series.iter().zip(COLOURS.into_iter().cycle());
    let mut lines: Vec<_> =
        coloured.map(|((name, points), colour)| (name.as_str(), &points[..], colour)).collect();
    let last = |points: &[Point]| points.last().map_or(0.0, |point| point.1);
    lines.sort_by(|a, b| last(b.1).total_cmp(&last(a.1)));
    lines
}
