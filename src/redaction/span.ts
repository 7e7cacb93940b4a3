/** Code units of a text, from `start` to before `end`; never none. */
export type Span = { readonly start: number; readonly end: number };

/** Everything that a form finds in a text, in any order. Takes time linear in the text. */
export type Finder = (text: string) => readonly Span[];
