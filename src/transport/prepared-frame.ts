/** A text frame that is sent to many connections. `encoded` belongs to the adapter: the bytes that it made of it, once. */
export class PreparedFrame {
  readonly text: string;
  encoded: Uint8Array | undefined = undefined;
  constructor(text: string) {
    this.text = text;
  }
}
