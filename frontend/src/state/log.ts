import { signal } from "@preact/signals";
import { RequestError } from "../api/client";
import { findInLog, getLogPart } from "../api/files";
import type { LogPart, LogPlace, Sought } from "../api/types";
import { visible } from "../host";
import { bounded, joined, type LogText, lineAt, logOf } from "../model/log";

const PART_BYTES = 256 * 1024;
const POLL_MS = 2000;
/** What is further ahead than this is not read on the way to the end. */
const FAR_BYTES = 16 * PART_BYTES;
const NOTHING = { what: "", to: 0 };

/** One log file that is being read: the part of it that is here, what is looked for, whether it is followed. */
export class LogReader {
  readonly log = signal<LogText | null>(null);
  readonly problem = signal("");
  readonly following = signal(true);
  readonly final = signal(false);
  readonly busy = signal(false);
  /** Offset of the line that was found last. */
  readonly marked = signal<number | null>(null);
  readonly said = signal("");
  /** Whether it is an error that was found last. */
  readonly erring = signal(false);
  private sought = NOTHING;
  private readonly abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly run: string,
    private readonly path: string,
  ) {}

  /** Reads the end of the file, and from then on what is added. */
  async start(): Promise<void> {
    await this.begin();
    this.plan();
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }

  private plan(): void {
    if (this.abort.signal.aborted) return;
    this.timer = setTimeout(() => void this.follow().then(() => this.plan()), POLL_MS);
  }

  private async follow(): Promise<void> {
    const log = this.log.peek();
    if (!log) return this.begin();
    if (!visible.peek() || !this.following.peek() || this.final.peek()) return;
    await this.attempt(() => this.readToEnd());
  }

  /** Shows the end of the file, and follows it where it grows. */
  async toEnd(): Promise<void> {
    this.following.value = true;
    this.marked.value = null;
    await this.begin();
  }

  private async begin(): Promise<void> {
    await this.attempt(async () => this.take(await this.part(-PART_BYTES, PART_BYTES), "new"));
  }

  /** Up to the end, so that what is here stays one piece; from the end anew where that is too far. */
  private async readToEnd(): Promise<void> {
    for (;;) {
      const before = this.log.peek()?.end ?? 0;
      const part = await this.readOn();
      if (part.size_bytes !== null && part.size_bytes - part.end > FAR_BYTES) return this.begin();
      const isLast = part.size_bytes === null ? part.end - before < PART_BYTES / 2 : part.end >= part.size_bytes;
      if (isLast || part.end <= before) return;
    }
  }

  private async readOn(): Promise<LogPart> {
    const part = await this.part(this.log.peek()?.end ?? 0, PART_BYTES);
    this.take(part, "after");
    return part;
  }

  /** Reads the part before the one that is here. */
  async earlier(): Promise<void> {
    const log = this.log.peek();
    if (!log?.start || this.busy.peek()) return;
    const start = Math.max(0, log.start - PART_BYTES);
    await this.attempt(async () => this.take(await this.part(start, log.start - start), "before"));
  }

  /** Reads the part behind the one that is here. */
  async later(): Promise<void> {
    if (this.busy.peek() || this.final.peek()) return;
    await this.attempt(async () => {
      await this.readOn();
    });
  }

  /** Goes to the next place of `what` behind the one found last; to the first after another has been sought. */
  async find(what: Sought, text: string): Promise<void> {
    const sought = `${what} ${text}`;
    const from = this.sought.what === sought ? this.sought.to : 0;
    this.said.value = "Looking…";
    await this.attempt(async () => {
      const { offset, searched_to } = await this.look(what, text, from);
      this.sought = offset === null ? NOTHING : { what: sought, to: searched_to };
      this.erring.value = what === "error" && offset !== null;
      this.said.value = offset !== null ? "" : from ? "No further one: on from the beginning." : "Not in this log.";
      if (offset === null) return;
      this.following.value = false;
      await this.goTo(offset);
    });
    if (this.problem.peek()) this.said.value = "";
  }

  private async look(what: Sought, text: string, from: number): Promise<LogPlace> {
    for (let start = from; ; ) {
      const place = await findInLog(this.run, this.path, what, text, start, this.abort.signal);
      if (place.offset !== null || place.complete || place.searched_to <= start) return place;
      start = place.searched_to;
    }
  }

  private async goTo(offset: number): Promise<void> {
    const log = this.log.peek();
    if (!log || lineAt(log, offset) < 0) {
      const start = Math.max(0, offset - PART_BYTES / 4);
      const before = await this.part(start, offset - start);
      const after = await this.part(offset, PART_BYTES);
      this.log.value = joined(logOf(before), logOf(after));
      this.final.value = false;
    }
    this.marked.value = offset;
  }

  private part(start: number, length: number): Promise<LogPart> {
    return getLogPart(this.run, this.path, start, length, this.abort.signal);
  }

  private take(part: LogPart, where: "new" | "after" | "before"): void {
    const log = this.log.peek();
    const more = logOf(part);
    if (where !== "before") this.final.value = part.final;
    if (!log || where === "new") this.log.value = more;
    else if (where === "after") this.log.value = part.start === part.end ? log : bounded(joined(log, more), "front");
    else this.log.value = bounded(joined(more, log), "back");
  }

  private async attempt(what: () => Promise<void>): Promise<void> {
    this.busy.value = true;
    try {
      await what();
      this.problem.value = "";
    } catch (error) {
      if (this.abort.signal.aborted) return;
      if (!(error instanceof RequestError)) throw error;
      this.problem.value = error.message; // what is here stays
    } finally {
      this.busy.value = false;
    }
  }
}
