import type { Frame } from "../protocol/frames.ts";
import {
  CONNECTION_TOPIC,
  HEARTBEAT_EVENT,
  JOIN_EVENT,
  LEAVE_EVENT,
  UPLOAD_TOPIC_PREFIX,
  VIEW_TOPIC_PREFIX,
} from "../protocol/keys.ts";

/**
 * What is to be done with a frame.
 * - `heartbeat`: answer it.
 * - `join`: end the channel that stands on the topic, if any; then join.
 * - `leave`: answer it and end the channel. `leave-nothing`: answer it, there is nothing to end.
 * - `deliver`: it is for what sits on the channel.
 * - `unmatched`: nobody has joined this topic; tell the client.
 * - `outdated`: it belongs to an earlier join, or asks for no answer where one is due; drop it.
 */
export type Route = "heartbeat" | "join" | "leave" | "leave-nothing" | "deliver" | "unmatched" | "outdated";

/**
 * Decides about one frame (docs/protocol.md, section 5).
 * @param joinedAs the `joinRef` of the channel that stands on the frame's topic; `undefined` if there is none.
 */
export function route(frame: Pick<Frame, "joinRef" | "ref" | "topic" | "event">, joinedAs: string | undefined): Route {
  if (frame.topic === CONNECTION_TOPIC) return frame.event === HEARTBEAT_EVENT ? "heartbeat" : "unmatched";
  if (frame.event === JOIN_EVENT) {
    if (frame.ref === null || frame.joinRef !== frame.ref) return "outdated";
    const { topic } = frame;
    return topic.startsWith(VIEW_TOPIC_PREFIX) || topic.startsWith(UPLOAD_TOPIC_PREFIX) ? "join" : "unmatched";
  }
  if (frame.event === LEAVE_EVENT)
    return joinedAs !== undefined && frame.joinRef === joinedAs ? "leave" : "leave-nothing";
  if (joinedAs === undefined) return "unmatched";
  return frame.joinRef === joinedAs && frame.ref !== null ? "deliver" : "outdated";
}
