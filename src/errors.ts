/**
 * Every `code` that a `LiveError` can carry, grouped by the part that throws it. Codes are stable: programs and log
 * searches may depend on them, while the messages may improve.
 */
export type LiveErrorCode =
  | "template.not-renderable"
  | "template.unsafe-position"
  | "template.malformed"
  | "js.invalid-argument"
  | "nested.no-view"
  | "nested.invalid-option"
  | "nested.duplicate-id"
  | "nested.not-registered"
  | "nested.moved"
  | "component.no-view"
  | "component.duplicate-id"
  | "component.single-root"
  | "component.invalid-definition"
  | "render.duplicate-key"
  | "render.stale-memo"
  | "render.stale-row"
  | "render.impure-shared"
  | "render.mutated-in-place"
  | "render.unstable-reduce"
  | "stream.unknown"
  | "stream.no-id"
  | "stream.invalid-option"
  | "stream.outside-render"
  | "stream.markup"
  | "view.callback-failed"
  | "view.no-handler"
  | "view.ended"
  | "view.mailbox-overflow"
  | "view.patch-loop"
  | "view.invalid-definition"
  | "view.invalid-destination"
  | "view.invalid-event"
  | "app.invalid-option"
  | "app.invalid-route"
  | "app.secret"
  | "topic.invalid"
  | "topic.schema-conflict"
  | "pubsub.backplane"
  | "pubsub.closed"
  | "pubsub.listener-failed"
  | "pubsub.package"
  | "pubsub.invalid-option"
  | "pubsub.message-not-sendable"
  | "pubsub.message-too-large"
  | "pubsub.message-refused"
  | "pubsub.unreachable"
  | "pubsub.subscribe-refused"
  | "pubsub.backplane-failed"
  | "pubsub.single-process"
  | "serve.invalid-option"
  | "serve.worker-failed"
  | "testing.packages"
  | "testing.page"
  | "testing.element"
  | "testing.action"
  | "testing.crash"
  | "testing.unsettled";

/** Every failure that a user of the framework can meet. `code` is stable; the message may improve. */
export class LiveError extends Error {
  override readonly name = "LiveError";
  readonly code: LiveErrorCode;
  constructor(code: LiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
