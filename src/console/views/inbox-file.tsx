/** One item of the inbox: its text as written, and how far it is. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { InboxFile } from "../../http/shapes/inbox.ts";
import { type Problem, problemOf, tell } from "../api.ts";
import { useAsked } from "../asked.ts";
import { needs } from "../daemon.ts";
import { Copy, Fault, Foreign, Moment, Waiting } from "../parts.tsx";
import { Link } from "../router.ts";
import { visible } from "../../core/visible.ts";
import { type InboxStatus, STATUSES } from "./inbox-status.ts";
import { runPath } from "./paths.ts";

type InboxFileViewProps = {
  readonly workspace: string;
  readonly file: string;
  readonly close: () => void;
  readonly marked: (status: InboxStatus) => void;
};

export function InboxFileView({ workspace, file, close, marked }: InboxFileViewProps): JSX.Element {
  const query = new URLSearchParams({ workspace, file });
  const { data, problem, again } = useAsked<InboxFile>(`/api/inbox/item?${query.toString()}`, { live: false });
  const place = useRef<HTMLElement>(null);
  // On a narrow page it stands above the list.
  useLayoutEffect(() => place.current?.scrollIntoView({ block: "nearest" }), []);
  const kept = (status: InboxStatus): void => {
    marked(status);
    again();
    needs.value?.again();
  };
  const item = data.value;
  return (
    <article class="panel" aria-label="Inbox item" ref={place}>
      <div class="panel-head">
        <h2>{item === null ? "Inbox item" : <Foreign text={item.title === "" ? item.file : item.title} />}</h2>
        <button type="button" class="small" onClick={close}>
          close
        </button>
      </div>
      {problem.value === null ? null : <Fault problem={problem.value} retry={again} />}
      {item === null ? problem.value === null ? <Waiting what="the item" /> : null : <Item item={item} kept={kept} />}
    </article>
  );
}

const Item = ({
  item,
  kept,
}: {
  readonly item: InboxFile;
  readonly kept: (status: InboxStatus) => void;
}): JSX.Element => (
  <>
    <p class="quiet">
      <Foreign text={item.workspace} /> · <Copy text={item.file} what="the file's name" shown />
      {item.at === null ? null : (
        <>
          {" "}
          · <Moment at={item.at} />
        </>
      )}
      {item.run === null ? null : (
        <>
          {" "}
          · <Link href={runPath(item.run)}>its run</Link>
        </>
      )}
    </p>
    <Mark item={item} kept={kept} />
    {item.fields.length === 0 ? null : (
      <dl class="fields">
        {item.fields.map(([name, value], at) => (
          <div key={at}>
            <dt>
              <Foreign text={name} max={80} />
            </dt>
            <dd>
              <Foreign text={value} max={2000} />
            </dd>
          </div>
        ))}
      </dl>
    )}
    {/* Verbatim: what a sender wrote is shown, never rendered, and its links lead nowhere. */}
    <pre class="text" tabIndex={0} aria-label="Text of the item">
      <bdi>{visible(item.text)}</bdi>
    </pre>
    {item.cut ? <p class="quiet">The file is longer; this is its beginning.</p> : null}
  </>
);

function Mark({ item, kept }: { readonly item: InboxFile; readonly kept: (status: InboxStatus) => void }): JSX.Element {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const mark = async (status: InboxStatus): Promise<void> => {
    busy.value = true;
    try {
      await tell("/api/inbox/status", { workspace: item.workspace, file: item.file, status });
      problem.value = null;
      kept(status);
    } catch (error) {
      problem.value = problemOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="actions" role="group" aria-label="Mark the item">
      <span class="quiet">
        It is <b>{<Foreign text={item.status} max={20} />}</b>; mark it
      </span>
      {STATUSES.filter((status) => status !== item.status && status !== "new").map((status) => (
        <button key={status} type="button" class="small" disabled={busy.value} onClick={() => void mark(status)}>
          {status}
        </button>
      ))}
      {problem.value === null ? null : <Fault problem={problem.value} />}
    </div>
  );
}
