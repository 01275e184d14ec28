// A deployment in steps, one at a time for the whole team. It runs in the background, belongs to no page, and tells
// everybody how far it is. The database knows whether one runs: so the second press is refused on whichever process.
import { topic } from "wingbeat";
import type { DeployRow } from "../database/schema.ts";
import { noteActivity } from "./activities.ts";
import type { User } from "./accounts.ts";
import { newId } from "./ids.ts";
import { db, pubSub } from "./store.ts";

export const deploySteps = [
  { id: "create-org", name: "Creating the organisation" },
  { id: "create-repo", name: "Creating the repository" },
  { id: "push-contents", name: "Pushing the contents" },
  { id: "done", name: "Done" },
] as const;
export type DeployStep = (typeof deploySteps)[number]["id"];

export type Deploy = Pick<DeployRow, "id" | "status" | "started_by"> & { readonly step: DeployStep };
export type DeployMessage = { type: "deploy"; deploy: Deploy };

export const deploysTopic = topic<DeployMessage>("deploys");

/** How long a step takes, in milliseconds. Yours would do something meanwhile. */
const STEP_MS = Number(process.env["DEPLOY_STEP_MS"] ?? 1_200);
/** Whoever runs one says so at each step. This long without, and its process is gone. */
const SILENCE_MS = 3 * STEP_MS + 1_000;

const running = new Set<Promise<void>>();

/** The latest, as it truly is: one whose process is gone has failed. */
export async function currentDeploy(): Promise<Deploy | undefined> {
  await failLost();
  const row = await db.selectFrom("deploys").selectAll().orderBy("id", "desc").limit(1).executeTakeFirst();
  return row === undefined ? undefined : toDeploy(row);
}

/**
 * @param options.failsAt a step that will fail, to see what that looks like
 * @returns `undefined` if one is running
 */
export async function startDeploy(
  user: User,
  options: { failsAt?: DeployStep | undefined } = {},
): Promise<Deploy | undefined> {
  await failLost();
  const now = Date.now();
  const row: DeployRow = {
    id: newId(now),
    status: "running",
    step: "create-org",
    started_by: user.name,
    created_at: now,
    beat_at: now,
  };
  // The index on what runs makes this a race that one wins.
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("deploys")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) return undefined;
  await tell(row);
  await noteActivity(`${user.name} started a deployment`, "/deployments");
  run(row, options.failsAt);
  return toDeploy(row);
}

/** Goes on with the step that has failed. @returns `undefined` if one is running, or if this one has not failed */
export async function retryDeploy(id: string): Promise<Deploy | undefined> {
  await failLost();
  const row = await db
    .updateTable("deploys")
    .set({ status: "running", beat_at: Date.now() })
    .where("id", "=", id)
    .where("status", "=", "failed")
    .where((is) =>
      is.not(is.exists(is.selectFrom("deploys as other").select("other.id").where("other.status", "=", "running"))),
    )
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await tell(row);
  run(row, undefined);
  return toDeploy(row);
}

/** Resolves when this process runs none. */
export async function deploysDone(): Promise<void> {
  await Promise.all(running);
}

function run(row: DeployRow, failsAt: DeployStep | undefined): void {
  const work = advance(row, failsAt)
    .catch(async (error: unknown) => {
      console.error("[snippetbox] deploy:", error);
      await update(row, { status: "failed" });
    })
    .catch((error: unknown) => console.error("[snippetbox] deploy:", error))
    .finally(() => running.delete(work));
  running.add(work);
}

async function advance(row: DeployRow, failsAt: DeployStep | undefined): Promise<void> {
  const first = deploySteps.findIndex(({ id }) => id === row.step);
  for (const { id } of deploySteps.slice(first, -1)) {
    if (!(await update(row, { step: id }))) return;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    if (id === failsAt) {
      await update(row, { status: "failed" });
      return;
    }
  }
  if (!(await update(row, { status: "done", step: "done" }))) return;
  await noteActivity(`The deployment of ${row.started_by} is done`, "/deployments");
}

/** One that nobody runs any more has failed. */
async function failLost(): Promise<void> {
  const lost = await db
    .updateTable("deploys")
    .set({ status: "failed" })
    .where("status", "=", "running")
    .where("beat_at", "<", Date.now() - SILENCE_MS)
    .returningAll()
    .execute();
  for (const row of lost) await tell(row);
}

/** @returns `false` if somebody has given it up meanwhile: it stays as they left it */
async function update(row: DeployRow, change: Partial<DeployRow>): Promise<boolean> {
  Object.assign(row, change, { beat_at: Date.now() });
  const { id, status, step, beat_at } = row;
  const { numUpdatedRows } = await db
    .updateTable("deploys")
    .set({ status, step, beat_at })
    .where("id", "=", id)
    .where("status", "=", "running")
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await tell(row);
  return true;
}

function tell(row: DeployRow): Promise<void> {
  return pubSub.broadcast(deploysTopic, { type: "deploy", deploy: toDeploy(row) });
}

function toDeploy({ id, status, step, started_by }: DeployRow): Deploy {
  return { id, status, started_by, step: deploySteps.find((known) => known.id === step)?.id ?? "create-org" };
}
