// What an application imports. Each name is a promise; what is not named here can change freely.

// ── views ──
export { createLiveView } from "./live/live-view.ts";
export type {
  ContextNotDeclared,
  ContextOf,
  EventOf,
  EventReply,
  InfoOf,
  LiveView,
  LiveViewDeclarations,
  LiveViewDefinition,
  NeedsOf,
  Params,
  SessionNotDeclared,
} from "./live/live-view.ts";
export type { ViewGap } from "./live/view-gap.ts";
export type { LiveSocket, NavigateOptions } from "./live/live-socket.ts";
export type { ConnectionNoticeOptions } from "./live/connection-notice.ts";
export type { ViewNavigation } from "./live/navigation.ts";
export { parseQuery, withQuery } from "./live/query.ts";
export type { Query, QueryValue } from "./live/query.ts";
export type { Flash, RenderMeta } from "./live/render-meta.ts";
export type { AnyMessage, Awaitable, EventsIn, FieldsOf, Schemas, SchemasFor, SentIn } from "./live/messages.ts";

// ── templates ──
export { html, safe } from "./html/html.ts";
export { each } from "./html/each.ts";
export { liveStream } from "./html/live-stream.ts";
export type { LiveStream } from "./html/live-stream.ts";
export { memo } from "./html/memo.ts";
export { reduce } from "./html/reduce.ts";
export { shared } from "./html/shared.ts";
export type { StreamsAreNeverShared } from "./html/shared.ts";
export { attrs } from "./html/attrs.ts";
export type {
  Attributes,
  AttributeSpread,
  AttributeValue,
  ClassValue,
  Command,
  KeyedList,
  Renderable,
  Rendered,
  SafeHtml,
} from "./html/rendered.ts";

// ── live sessions and hooks ──
export { liveSession } from "./live/live-session.ts";
export type { LiveSession, LiveSessionOptions, LiveSessions } from "./live/live-session.ts";
export type { Halt, Mounting, MountHook } from "./live/hooks/mounting.ts";
export type {
  AnyViewSocket,
  ComponentStages,
  EventHookHalt,
  Hookable,
  HookableComponentSocket,
  HookableSocket,
  HookHalt,
  ViewStages,
} from "./live/hooks/stages.ts";

// ── nested views ──
export { liveRender } from "./live/nested/live-render.ts";
export type { NestedViewOptions } from "./live/nested/live-render.ts";

// ── live components ──
export { createLiveComponent } from "./live/components/create-live-component.ts";
export { liveComponent } from "./live/components/place-live-component.ts";
export type {
  ComponentMeta,
  ComponentSocket,
  ComponentUpdate,
  LiveComponentDefinition,
} from "./live/components/component-definition.ts";
export type { ComponentId, LiveComponent } from "./live/components/live-component.ts";

// ── components ──
export type { Component } from "./components/component.ts";
export { asyncResult } from "./components/async-result.ts";
export type { AsyncResultSlots } from "./components/async-result.ts";
export { focusWrap } from "./components/focus-wrap.ts";
export type { FocusWrapProps } from "./components/focus-wrap.ts";
export { hookScript } from "./components/hook-script.ts";
export type { HookScriptOptions } from "./components/hook-script.ts";
export { link } from "./components/link.ts";
export type { LinkDestination, LinkProps } from "./components/link.ts";
export { liveFlash } from "./components/live-flash.ts";
export type { LiveFlashProps } from "./components/live-flash.ts";
export { liveFileInput } from "./components/live-file-input.ts";
export type { LiveFileInputProps } from "./components/live-file-input.ts";
export { liveImgPreview } from "./components/live-img-preview.ts";
export type { LiveImgPreviewProps } from "./components/live-img-preview.ts";
export { liveTitle } from "./components/live-title.ts";
export type { LiveTitleProps } from "./components/live-title.ts";
export { portal } from "./components/portal.ts";
export type { PortalProps } from "./components/portal.ts";
export { AsyncResult } from "./live/async/async-result.ts";
export type { Eventually, Outcome } from "./live/async/outcome.ts";
export type { AsyncKey, Loaded } from "./live/async/async-keys.ts";

// ── forms ──
export { form } from "./forms/form.ts";
export type { AnyForm, Form, FormIssue, FormOf, FormOptions, FormValues } from "./forms/form.ts";
export type { AnyField, AnyRow, FormField, FormRow } from "./forms/form-field.ts";
export type { FieldAt, FieldPath } from "./forms/field-path.ts";
export { formEvent } from "./forms/form-event.ts";
export type { FormEvent, FormFields } from "./forms/form-event.ts";
export { fieldErrors } from "./forms/field-errors.ts";
export type { FieldErrorsProps } from "./forms/field-errors.ts";
export { input } from "./forms/input.ts";
export type { Choice, InputProps, TextType } from "./forms/input.ts";
export { inputsFor } from "./forms/inputs-for.ts";
export { label } from "./forms/label.ts";
export type { LabelProps } from "./forms/label.ts";
export { liveForm } from "./forms/live-form.ts";
export type { LiveFormProps } from "./forms/live-form.ts";

// ── uploads ──
export { postpone } from "./live/uploads/live-upload.ts";
export type {
  ExternalUpload,
  LiveUpload,
  Postponed,
  Refusal,
  UploadedEntries,
  UploadedFile,
  UploadEntry,
  UploadError,
  UploadOptions,
  UploadWriter,
} from "./live/uploads/live-upload.ts";
export { sniffType } from "./live/uploads/sniff-type.ts";
export type { TemporaryFilesOptions } from "./live/uploads/temporary-files.ts";

// ── what the browser does by itself ──
export { JS } from "./html/js-commands.ts";
export type {
  ClassNames,
  DispatchOptions,
  JSCommands,
  JSTarget,
  NavigationOptions,
  PushOptions,
  ShowOptions,
  TargetOptions,
  ToggleOptions,
  Transition,
  TransitionOptions,
} from "./html/js-commands.ts";

// ── messages between views ──
export { message, topic } from "./pubsub/topic.ts";
export type { MessageOf, PlainTopic, Topic, TopicOptions, TopicSchema, Witness } from "./pubsub/topic.ts";
export type { Message } from "./pubsub/message.ts";
export { createPubSub } from "./pubsub/program-pubsub.ts";
export type { CreatePubSubOptions } from "./pubsub/program-pubsub.ts";
export { SingleProcessPubSub } from "./pubsub/single-process-pubsub.ts";
export type { Listener, PubSub, Sender, Unsubscribe } from "./pubsub/pubsub.ts";
export type { Gap, GapCause, PubSubEvents, PubSubStatus } from "./pubsub/gap.ts";
export { BackplanePubSub } from "./pubsub/backplane-pubsub.ts";
export type { BackplaneCounts, BackplanePubSubOptions, PubSubErrorHandler } from "./pubsub/backplane-pubsub.ts";
export type { Backplane, BackplaneEvents } from "./pubsub/backplane.ts";
export type { PubSubClock } from "./pubsub/pubsub-clock.ts";

// ── who is present ──
export { Presence } from "./presence/presence.ts";
export type { PresenceChange, PresenceCounts, PresenceDetails, PresenceOptions } from "./presence/presence.ts";
export type { PresenceDiff, Presences } from "./presence/presences.ts";
export type { PresenceLimitOptions, PresenceLimits } from "./presence/presence-limits.ts";

// ── the app ──
export { createLiveApp } from "./live/live-app.ts";
export type {
  AppOptions,
  AppRoutes,
  AppStats,
  CreateLiveApp,
  ErrorDetails,
  ErrorPage,
  Layout,
  LiveApp,
  Logger,
  PageContext,
  PageProblem,
  PathParams,
  Routes,
  TitleOptions,
} from "./live/app-options.ts";
export type { LimitOptions, Limits } from "./live/limits.ts";
export type { LongPollOptions } from "./live/long-poll-options.ts";
export type { Admission, Connected } from "./transport/admission.ts";
export type { Peer } from "./transport/peer.ts";
export type { PreparedFrame } from "./transport/prepared-frame.ts";

// ── sessions ──
export { cookieSession } from "./session/cookie-session.ts";
export type { CookieSession, CookieSessionOptions, StartOptions } from "./session/cookie-session.ts";
export type { SessionInfo } from "./live/visitor.ts";
export { FormRefused } from "./session/form-refused.ts";
export type { FormRefusalStatus } from "./session/form-refused.ts";
export type { ReadFormOptions } from "./session/plain-http.ts";
export { withCookies } from "./session/request-notes.ts";

// ── failures ──
export { LiveError } from "./errors.ts";
export type { LiveErrorCode } from "./errors.ts";
