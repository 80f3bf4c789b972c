import type { Cell } from "../api/types";

/** How values read on the page. Pure. */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

export function duration(seconds: number): string {
  const s = Math.max(0, seconds);
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < MINUTE) return `${Math.floor(s)} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)}m ${two(Math.floor(s % MINUTE))}s`;
  if (s < DAY) return `${Math.floor(s / HOUR)}h ${two(Math.floor((s % HOUR) / MINUTE))}m`;
  return `${Math.floor(s / DAY)}d ${Math.floor((s % DAY) / HOUR)}h`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

export function ago(seconds: number): string {
  if (seconds < 10) return "just now";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 60 * DAY) return `${Math.floor(seconds / DAY)} d ago`;
  if (seconds < 730 * DAY) return `${Math.floor(seconds / (30 * DAY))} mo ago`;
  return `${Math.floor(seconds / (365 * DAY))} y ago`;
}

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Local time, then UTC: what a hover over a relative time says. */
export function moment(epochS: number): string {
  const date = new Date(epochS * 1000);
  if (Number.isNaN(date.getTime())) return "";
  return `${local.format(date)} (${date.toISOString().replace("T", " ").slice(0, 19)} UTC)`;
}

/** The time of day of `epochS`, with its date where that is not `nowS`'s. */
export function clock(epochS: number, nowS: number): string {
  const date = new Date(epochS * 1000);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(nowS * 1000).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** Five significant digits, thousands apart, exponents only where digits would be lost. */
export function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return minus(value.toExponential(3).replace(/\.?0+e/, "e"));
  if (Number.isInteger(value)) return minus(grouped(String(value)));
  const [whole = "", rest] = String(Number(value.toPrecision(Math.max(5, Math.floor(Math.log10(size)) + 2)))).split(
    ".",
  );
  return minus(rest === undefined ? grouped(whole) : `${grouped(whole)}.${rest}`);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, " ");
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}

/** The number in a cell; NaN for anything else. */
export function numeric(cell: Cell | undefined): number {
  if (typeof cell === "number") return cell;
  return typeof cell === "string" && cell.trim() !== "" ? Number(cell) : Number.NaN;
}

export function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return number(cell);
  return cell === "Infinity" ? "∞" : cell === "-Infinity" ? "−∞" : cell;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${grouped(String(n))} ${n === 1 ? one : many}`;
}

/** A size in bytes, in units of 1024. */
export function bytes(size: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
  const value = size / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** How far a value is from the baseline's, in itself and in percent; "" where it is the same. */
export function difference(delta: number, baseline: number): string {
  if (!delta) return "";
  const sign = delta > 0 ? "+" : "−";
  const percent =
    baseline === 0 ? "" : ` (${sign}${number(Number(Math.abs((100 * delta) / baseline).toPrecision(3)))} %)`;
  return `${delta > 0 ? "▲ +" : "▼ −"}${number(Math.abs(delta))}${percent}`;
}
