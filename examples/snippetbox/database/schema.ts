// The tables, as the queries see them. Times are milliseconds since 1970; ids sort by the moment they were made.
export type Database = {
  users: UserRow;
  snippets: SnippetRow;
  snippet_views: SnippetViewsRow;
  notifications: NotificationRow;
  messages: MessageRow;
  exports: ExportRow;
  deploys: DeployRow;
  activities: ActivityRow;
};

export type UserRow = {
  id: string;
  name: string;
  /** The name without its case, which nobody else may have. */
  name_key: string;
  /** `null` for a guest. */
  password_hash: string | null;
  created_at: number;
};

export type SnippetRow = {
  id: string;
  owner_id: string;
  title: string;
  language: string;
  content: string;
  created_at: number;
  updated_at: number;
};

/** How often snippets were opened, by day. */
export type SnippetViewsRow = { snippet_id: string; day: string; count: number };

export type NotificationRow = {
  id: string;
  user_id: string;
  text: string;
  /** Where it leads: a path of this app. */
  path: string;
  created_at: number;
  read_at: number | null;
};

export type MessageRow = { id: string; room: string; author_id: string; text: string; created_at: number };

export type ExportRow = {
  id: string;
  user_id: string;
  status: "running" | "done" | "failed";
  /** 0 to 100. */
  progress: number;
  archive: Uint8Array | null;
  created_at: number;
  /** The last sign of life of who makes it. */
  beat_at: number;
  expires_at: number;
};

export type DeployRow = {
  id: string;
  status: "running" | "done" | "failed";
  step: string;
  started_by: string;
  created_at: number;
  /** The last sign of life of who runs it. */
  beat_at: number;
};

export type ActivityRow = { id: string; text: string; path: string; created_at: number };
