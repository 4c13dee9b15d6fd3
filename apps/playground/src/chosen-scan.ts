/**
 * The scan that was chosen last. Files take a while to open: what is chosen meanwhile takes their place, and who asks again
 * meanwhile gets what is being opened.
 */
export class ChosenScan<OpenedScan> {
  readonly #release: (scan: OpenedScan) => void;
  #latest?: Promise<OpenedScan>;
  #opened?: OpenedScan;

  /** @param release told of scans that another has taken the place of */
  constructor(release: (scan: OpenedScan) => void) {
    this.#release = release;
  }

  /** What was chosen last, opened or being opened; where it did not open, the one before it. */
  get latest(): Promise<OpenedScan> | undefined {
    return this.#latest;
  }

  /** @throws what `open` throws */
  choose(open: () => Promise<OpenedScan>): Promise<OpenedScan> {
    const own: Promise<OpenedScan> = open().then(
      (opened) => {
        if (own !== this.#latest) this.#release(opened);
        else {
          if (this.#opened !== undefined) this.#release(this.#opened);
          this.#opened = opened;
        }
        return opened;
      },
      (error) => {
        if (own === this.#latest) this.#latest = this.#opened && Promise.resolve(this.#opened);
        throw error;
      },
    );
    this.#latest = own;
    return own;
  }
}
