// The notes of the board, as all pages of this process have them, and who hears of a change.
import { topic } from "wingbeat";

export const columns = ["To do", "Doing", "Done"] as const;
export const DONE = columns.length - 1;

export type Note = { id: number; text: string; column: number; votes: number };
export type BoardChanged = { type: "board"; notes: readonly Note[]; what: string };
export const boardTopic = topic<BoardChanged>("board");

let notes: readonly Note[] = ["Write a note", "Move it", "Open a second window"].map((text, index) => ({
  id: index + 1,
  text,
  column: index % columns.length,
  votes: 0,
}));

export const allNotes = (): readonly Note[] => notes;

/** Takes over what was broadcast, from wherever: a server that starts later begins with the three from above. */
export function keepNotes(changed: readonly Note[]): void {
  notes = changed;
}

export type NoteEvent =
  | { type: "add"; text: string }
  | { type: "saved"; id: number; text: string }
  | { type: "move"; id: number; column: number }
  | { type: "vote" | "delete"; id: number };

/**
 * What the board is after an event.
 *
 * @param notes as the view has them: it hears of every change in order, and of all that came before its event
 * @returns `undefined` for a note that somebody else has deleted meanwhile
 */
export function afterEvent(notes: readonly Note[], event: NoteEvent): BoardChanged | undefined {
  if (event.type === "add") {
    const id = 1 + Math.max(0, ...notes.map((note) => note.id));
    return changed([...notes, { id, text: event.text, column: 0, votes: 0 }], `${event.text}: new`);
  }
  const note = notes.find(({ id }) => id === event.id);
  if (note === undefined) return undefined;
  const replaced = (by: Partial<Note>) => notes.map((each) => (each === note ? { ...each, ...by } : each));
  switch (event.type) {
    case "move":
      return changed(replaced({ column: event.column }), `${note.text}: ${columns[event.column]}`);
    case "saved":
      return changed(replaced({ text: event.text }), `${event.text}: edited`);
    case "vote":
      return changed(replaced({ votes: note.votes + 1 }), `${note.text}: a vote`);
    case "delete":
      return changed(
        notes.filter((each) => each !== note),
        `${note.text}: deleted`,
      );
  }
}

function changed(next: readonly Note[], what: string): BoardChanged {
  return { type: "board", notes: next, what };
}
