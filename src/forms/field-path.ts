// Types only: which fields a form has, by the input type of its schema. Computed once for a schema, and only to a depth of
// four: deeper fields are reached in steps, `form.field("a.b").field("c.d")`.

/** What has no fields of its own. A list has rows instead. */
type Whole =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | readonly unknown[]
  | ((...given: never) => unknown);

type Deeper = [never, 0, 1, 2, 3];

/**
 * The paths of the fields in `T`: `"name" | "address" | "address.street"`. A form whose schema's input is not known takes any
 * path.
 */
export type FieldPath<T, Depth extends number = 4> = unknown extends T ? string : PathIn<T, Depth>;

type PathIn<T, Depth extends number> = [Depth] extends [never]
  ? never
  : T extends Whole
    ? never
    : { [K in keyof T & string]-?: K | PathBelow<K, T[K], Depth> }[keyof T & string];

type PathBelow<K extends string, T, Depth extends number> = unknown extends T
  ? never
  : `${K}.${PathIn<NonNullable<T>, Deeper[Depth]>}`;

/** The type of the field at a path. */
export type FieldAt<T, P extends string> = unknown extends T
  ? unknown
  : P extends `${infer Head}.${infer Rest}`
    ? FieldAt<NonNullable<Member<T, Head>>, Rest>
    : Member<T, P>;

/** Of a union, what any of its members has under this key. */
type Member<T, K extends string> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

/** The rows of a list. */
export type RowOf<T> = unknown extends T ? unknown : NonNullable<T> extends readonly (infer Row)[] ? Row : never;
