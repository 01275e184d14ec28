import type { Channel } from "../../channel/channel.ts";
import { UPLOAD_TOPIC_PREFIX, VIEW_TOPIC_PREFIX } from "../../protocol/keys.ts";
import { decodeUploadJoin } from "../../protocol/uploads.ts";
import type { UploadTokens } from "./upload-tokens.ts";
import type { ViewUploads } from "./view-uploads.ts";

/** Where the channel of an upload joins. */
export interface UploadJoin {
  readonly tokens: UploadTokens;
  /** The view that sits on a topic of the same connection. */
  readonly viewOn: (topic: string) => { readonly id: string; readonly uploads: ViewUploads | undefined } | undefined;
  readonly warn: (message: string) => void;
  /** For the log. */
  readonly from: string;
}

/**
 * Accepts and refuses channels of uploads (docs/protocol.md, section 18): a token is good for one file of one view, while that
 * view is on the connection that sends the token.
 */
export function joinUpload(channel: Channel, payload: unknown, { tokens, viewOn, warn, from }: UploadJoin): void {
  const refuse = (reason: "invalid_token" | "disallowed" | "already_registered", why: string): void => {
    warn(`refused an upload from ${from}: ${why}`);
    channel.refuse(JSON.stringify({ reason }));
  };
  const token = decodeUploadJoin(payload);
  if (!token.ok) return refuse("invalid_token", token.reason);
  const ticket = tokens.verify(token.value);
  if (!ticket.ok) return refuse("invalid_token", ticket.reason);
  const { element, process, upload, file } = ticket.value;
  if (channel.topic !== `${UPLOAD_TOPIC_PREFIX}${file}`) return refuse("invalid_token", "its token is of another file");
  const view = viewOn(`${VIEW_TOPIC_PREFIX}${element}`);
  if (view?.id !== process) return refuse("disallowed", "its token is of a view that this connection does not have");
  const refusal =
    view.uploads?.receive(upload, file, channel) ?? (view.uploads === undefined ? "disallowed" : undefined);
  if (refusal === "already_registered") return refuse(refusal, "its token was used before");
  if (refusal !== undefined) return refuse(refusal, "the file was cancelled, consumed or never allowed");
  channel.reply(channel.joinRef, "ok", "{}");
}
