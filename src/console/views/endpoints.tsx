/** Where senders send to, whether their signatures verify, and a test of the whole way. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { EndpointItem, EndpointsPage, TestSent } from "../../http/shapes/endpoints.ts";
import { type Problem, problemOf, tell } from "../api.ts";
import { useAsked } from "../asked.ts";
import { Age, Copy, Empty, Fault, Foreign, Sign, Waiting } from "../parts.tsx";
import { Link } from "../router.ts";
import { countOf } from "../words.ts";
import { runPath } from "./paths.ts";
import { useRowKeys } from "./rows.tsx";

/** Failed signatures begin no run, so nothing tells of them. */
const EVERY_MS = 10_000;

export function EndpointsView(): JSX.Element {
  const { data, problem, again } = useAsked<EndpointsPage>("/api/endpoints", { live: true, every_ms: EVERY_MS });
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list);
  const items = data.value?.items;
  return (
    <>
      <div class="view-head">
        <h1>Endpoints</h1>
        {items === undefined ? null : <p class="quiet">{countOf(items.length, "endpoint")}</p>}
      </div>
      {problem.value === null ? null : <Fault problem={problem.value} retry={again} />}
      {items === undefined ? problem.value === null ? <Waiting what="the endpoints" /> : null : null}
      {items?.length === 0 ? (
        <Empty
          title="There is no endpoint"
          why="desk.toml names no webhook, so nothing can be sent to this desk."
          command="qoc config show --schema"
        />
      ) : (
        <ul class="cards" ref={list}>
          {items?.map((item) => (
            <li key={`${item.workspace}/${item.webhook}`}>
              <Endpoint item={item} tested={again} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const Endpoint = ({ item, tested }: { readonly item: EndpointItem; readonly tested: () => void }): JSX.Element => (
  <article class="panel endpoint" aria-label={`Endpoint ${item.workspace}/${item.webhook}`} data-row="" tabIndex={-1}>
    <div class="panel-head">
      <h2>
        <Foreign text={`${item.workspace}/${item.webhook}`} />
      </h2>
      <span class="quiet">
        {item.provider}, {item.action === "run" ? "starts an agent" : "files to the inbox"}
        {item.task === null ? null : (
          <>
            : <Foreign text={item.task} />
          </>
        )}
      </span>
    </div>
    {item.url === null ? (
      <p class="quiet">Nothing listens just now.</p>
    ) : (
      <p class="url">
        <Copy text={item.url} what="the URL" shown />
      </p>
    )}
    <ul class="facts">
      <li>
        {item.secrets === 0 ? (
          <span class="state is-bad">
            <Sign look="bad" /> no secret is set: every delivery is refused
          </span>
        ) : (
          <span class="state is-good">
            <Sign look="good" /> {countOf(item.secrets, "secret")} set
          </span>
        )}
      </li>
      <Signatures item={item} />
      <li class="quiet">
        {item.last_received_at === null ? (
          "nothing received yet"
        ) : (
          <>
            last received <Age at={item.last_received_at} /> ago
          </>
        )}
      </li>
    </ul>
    <Cause item={item} />
    <SignedTest item={item} tested={tested} />
  </article>
);

function Signatures({ item: { signatures } }: { readonly item: EndpointItem }): JSX.Element | null {
  if (signatures === null) return null;
  const failed = signatures.failed_since_verified;
  if (failed > 0)
    return (
      <li>
        <span class="state is-bad">
          <Sign look="bad" /> {countOf(failed, "signature")} failed
        </span>
        {signatures.failing_since === null ? null : (
          <>
            {" "}
            for <Age at={signatures.failing_since} />
          </>
        )}
        {signatures.used_to_verify ? ", others verified before" : ", none has verified yet"}
      </li>
    );
  return (
    <li>
      {signatures.last_verified_at === null ? (
        <span class="quiet">no signature checked since the start</span>
      ) : (
        <>
          <span class="state is-good">
            <Sign look="good" /> signatures verify
          </span>
          , the last <Age at={signatures.last_verified_at} /> ago
        </>
      )}
    </li>
  );
}

/** Unsigned knocks are told of only where nothing worse is. */
function Cause({ item: { signatures } }: { readonly item: EndpointItem }): JSX.Element | null {
  if (signatures === null) return null;
  const failing = signatures.failed_since_verified > 0;
  const cause = failing ? signatures.cause : signatures.knocks.cause;
  if (cause === null || (!failing && signatures.knocks.count === 0)) return null;
  return (
    <div class="note">
      <p>
        <b>
          {cause.sure === "proved"
            ? "The reason"
            : cause.sure === "likely"
              ? "The likeliest reason"
              : "A possible reason"}
          :
        </b>{" "}
        <Foreign text={cause.says} max={1000} />
      </p>
      <p class="quiet">
        Try: <Foreign text={cause.try} max={1000} />
      </p>
    </div>
  );
}

type Tried =
  | { readonly kind: "idle" }
  /** A test of this webhook starts an agent: that is said first. */
  | { readonly kind: "asking" }
  | { readonly kind: "sending" }
  | { readonly kind: "sent"; readonly sent: TestSent }
  | { readonly kind: "refused"; readonly problem: Problem };

function SignedTest({ item, tested }: { readonly item: EndpointItem; readonly tested: () => void }): JSX.Element {
  const tried = useSignal<Tried>({ kind: "idle" });
  const send = async (): Promise<void> => {
    tried.value = { kind: "sending" };
    try {
      const path = `/api/endpoints/${encodeURIComponent(item.workspace)}/${encodeURIComponent(item.webhook)}/test`;
      tried.value = { kind: "sent", sent: await tell<TestSent>(path, {}) };
      tested();
    } catch (error) {
      tried.value = { kind: "refused", problem: problemOf(error) };
    }
  };
  const { value } = tried;
  if (value.kind === "asking")
    return (
      <div class="actions">
        <p>A signed test is a delivery like any other: it starts an agent.</p>
        <button type="button" onClick={() => void send()}>
          Send it
        </button>
        <button type="button" onClick={() => (tried.value = { kind: "idle" })}>
          Do not
        </button>
      </div>
    );
  return (
    <div class="actions">
      <button
        type="button"
        disabled={value.kind === "sending" || item.url === null || item.secrets === 0}
        onClick={() => (item.action === "run" ? (tried.value = { kind: "asking" }) : void send())}
      >
        {value.kind === "sending" ? "sending…" : "Send a signed test"}
      </button>
      <span role="status">
        {value.kind === "sent" ? (
          <>
            <span class={`state is-${value.sent.status < 300 ? "good" : "bad"}`}>
              <Sign look={value.sent.status < 300 ? "good" : "bad"} /> {value.sent.status}
            </span>{" "}
            <Foreign text={value.sent.says} max={600} />{" "}
            {value.sent.run === null ? null : <Link href={runPath(value.sent.run)}>its run</Link>}
          </>
        ) : null}
      </span>
      {value.kind === "refused" ? <Fault problem={value.problem} /> : null}
    </div>
  );
}
