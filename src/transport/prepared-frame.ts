/**
 * A text frame that is sent to many connections. `encoded` belongs to the WebSocket adapter, `quoted` to long-polling: what
 * each made of the frame, once.
 */
export class PreparedFrame {
  readonly text: string;
  encoded: Uint8Array | undefined = undefined;
  /** As a JSON string. */
  quoted: string | undefined = undefined;
  constructor(text: string) {
    this.text = text;
  }
}
