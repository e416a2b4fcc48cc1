/* SPDX-License-Identifier: Apache-2.0
 *
 * The durable rollback as a model: what is stored, who may change it, and what holds whatever
 * dies, stalls, arrives twice or arrives late. `spec/check` runs it, README.md says how the
 * words here map to the code.
 *
 * How a transaction looks here. Every transaction of the store is a compare-and-set over all
 * the records it read: it commits only if none of them changed since. A worker needs time
 * between reading and committing, for it looks at the target in between, so its turn has two
 * steps: LOOK (read, observe, decide) and COMMIT (compare, write, let the request leave). Instead of
 * revision numbers, which would make every history a new state, each worker has one bit,
 * `fresh`: "no record I read has been written since". That is what comparing the revisions
 * says. A lease epoch becomes the name of the last claimant in the same way. Transactions that
 * look at nothing but the store (take_in, claim, a verdict, a deployment's begin and end) are one
 * step: with the compare, a commit is as if all was read at that instant.
 *
 * No answers. A request leaves and that is all; "applied" is a look that happened at once, and
 * "refused" and "no answer" both mean: look again. So every reply may be lost.
 *
 * Sizes     -DENVIRONMENTS=1|2 -DWORKERS=1|2 -DTRIGGERS=1..3 -DINTAKES=n -DTRIES=n -DFLIGHT=1..3
 *           -DFAULTS=n   one budget for crashes, leases that lapse under a living worker,
 *                        signals delivered again after the acknowledgement, requests duplicated
 * Options   -DPOINTER_ONLY  no infrastructure          -DUNFENCED  infrastructure takes no number
 *           -DOUTBOX        notices and the courier    -DDEPLOYS   deployments beside a rollback
 *           -DJUDGE_BOTH    both candidates may turn bad
 * Mutants   -DM_...: one mechanism removed, an error must be found
 * Covers    -DCOVER=n: an end that must be reachable, an error must be found
 * Livelock  -DNP, no -DSAFETY, pan -l: there is no progress label, so any cycle is reported
 */

#ifndef ENVIRONMENTS
#define ENVIRONMENTS 1
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef TRIGGERS
#define TRIGGERS 1
#endif
#ifndef INTAKES
#define INTAKES 1
#endif
#ifndef TRIES
#define TRIES 1
#endif
#ifndef FLIGHT
#define FLIGHT 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif

/* Versions. The rejected one is what the failing deployment brought; OLD and OLDER were good. */
#define OLDER      0
#define OLD        1
#define REJECTED   2
#define NEWER      3             /* what a later deployment brings (DEPLOYS) */
#define NO_VERSION 4             /* no target; in a request: raise the stamp, change nothing */

/* Rollbacks. Stage rollback e is that of environment e; one full rollback for all. */
#define FULL       ENVIRONMENTS
#define ROLLBACKS  (ENVIRONMENTS + 1)
#define DEPLOYMENT ROLLBACKS     /* "owner" of a request that a deployment sent */
#define OWNED_BY(r) ((r) + 1)    /* in slots, holders and trigger records; 0 is nobody */
#define STALE      15            /* what became of a trigger whose deployment is not current */

/* Rollback.state */
#define ABSENT      0
#define RUNNING     1
#define SUCCEEDED   2
#define HANDED_OVER 3
#define ESCALATED   4
#define TERMINAL(s) ((s) > RUNNING)

/* Lane.step, in order */
#define PLAN    0
#define BARRIER 1                /* stamp the pointer before infrastructure is touched */
#define INFRA   2
#define POINTER 3
#define VERIFY  4
#define BLOCKED 5                /* only in M_WAIT_HOLDING */
#define DONE    6                /* lanes of the full rollback end as DONE or FAILED */
#define FAILED  7

#if defined(POINTER_ONLY)
#define FIRST_STEP POINTER
#elif defined(M_NO_BARRIER)
#define FIRST_STEP INFRA
#else
#define FIRST_STEP BARRIER
#endif

/* A worker's decision, made at LOOK, carried out at COMMIT */
#define AIM      1               /* plan: a target is chosen */
#define REPLAN   2               /* the target turned bad: choose again */
#define INTENT   3
#define OUTCOME  4               /* the step is done (seen under our number): next */
#define GIVE_UP  5               /* this level can't: attempts or candidates used up */
#define REJECT   6               /* validation failed: the target is bad too, and give up */
#define SUCCEED  7
#define ESCALATE 8
#define TAKE     9               /* the full rollback takes a slot that became free */

/* ---- the store -------------------------------------------------------------------------- */

typedef Head {                   /* one for each environment */
  byte slot;                     /* OWNED_BY the rollback that owns the environment; freezes deploys */
  byte operations;               /* only grows; numbers every intent */
  byte holds;                    /* set of versions known bad in this environment */
  bool people;                   /* waiting for people */
  byte current;                  /* deployment: 1 the failing one, 2 a later one, 0 a rollback */
  byte live                      /* recorded live version */
};
typedef Rollback {
  byte state;
  byte holder                    /* lease: OWNED_BY the worker with the newest epoch */
};
typedef Lane {                   /* belongs to the owner of the slot */
  byte step;
  byte target;
  byte attempt;
  byte number                    /* operation number of the pending effect, 0 without one */
};

Head head[ENVIRONMENTS];
Rollback rollback[ROLLBACKS];
Lane lane[ENVIRONMENTS];
byte became[TRIGGERS];           /* trigger record: 0 none, OWNED_BY the rollback, or STALE */

#define SET(v)         (1 << (v))
#define IS_HELD(e, v)  ((head[e].holds & SET(v)) != 0)

#define STARTED  1               /* notices */
#define ENDED    2
#define INCIDENT 4
#ifdef OUTBOX
byte outbox[ROLLBACKS];          /* rows still to be told */
byte told[ROLLBACKS];            /* what arrived (a set: the idempotency key drops repeats) */
#endif

/* ---- around the store ------------------------------------------------------------------- */

/* The target: resource e is the infrastructure of environment e, POINTER_OF(e) its pointer. */
#define POINTER_OF(e) (ENVIRONMENTS + (e))
byte shows[2 * ENVIRONMENTS];    /* the version there */
byte stamp[2 * ENVIRONMENTS];    /* number of the last operation accepted */

/* Requests on their way: a bag, kept sorted, 0 for an empty place. */
short flight[FLIGHT];
#define REQUEST(number, owner, resource, value) \
  ((number) * 128 + (owner) * 32 + (resource) * 8 + (value))
#define NUMBER(q)   ((q) / 128)
#define OWNER(q)    (((q) / 32) % 4)
#define RESOURCE(q) (((q) / 8) % 4)
#define VALUE(q)    ((q) % 8)
#define LAST        flight[FLIGHT - 1]
#define ROOM        (LAST == 0)
hidden short swap;

byte copies[TRIGGERS];           /* copies of the signal on the queue */
bool acknowledged[TRIGGERS];
byte faults;

#ifdef COVER
bool died, lapsed;               /* a worker died; a living one's lease was taken */
#define SEEN(what) what = 1
#else
#define SEEN(what) skip
#endif

/* What each worker has in mind: the rollback it believes it holds, the heads it read
   (OWNED_BY(e), or EVERY), and whether all it read is unchanged. */
#define EVERY 9
byte mine[WORKERS];
byte scope[WORKERS];
bool fresh[WORKERS];

#ifdef M_STALE_INDEX
byte index[ENVIRONMENTS];        /* copy of the holds that lags behind */
#define KNOWN_BAD(e, v) ((index[e] & SET(v)) != 0)
#else
#define KNOWN_BAD(e, v) IS_HELD(e, v)
#endif
#ifdef M_NO_SWEEPER
byte wake[ROLLBACKS];            /* one-shot wake-ups, used up when received */
#define WAKE(r) wake[r]++
#define WOKEN(r) (wake[r] > 0)
#else
#define WAKE(r) skip
#define WOKEN(r) true
#endif

/* A record is written: whoever read it has read something else. */
#if defined(M_NO_CAS) || defined(M_NO_HEAD_CAS)
#define STALE_HEAD(w, e)
#else
#define STALE_HEAD(w, e) fresh[w] = fresh[w] && scope[w] != OWNED_BY(e) && scope[w] != EVERY;
#endif
#if defined(M_NO_CAS) || defined(M_NO_LEASE_CAS)
#define STALE_ROLLBACK(w, r)
#else
#define STALE_ROLLBACK(w, r) fresh[w] = fresh[w] && mine[w] != OWNED_BY(r);
#endif
#if WORKERS > 1
#define SECOND(x) x
#else
#define SECOND(x)
#endif
inline wrote_head(e)     { d_step { STALE_HEAD(0, e) SECOND(STALE_HEAD(1, e)) skip } }
inline wrote_rollback(r) { d_step { STALE_ROLLBACK(0, r) SECOND(STALE_ROLLBACK(1, r)) skip } }

inline notice(r, n) {
#ifdef OUTBOX
  outbox[r] = outbox[r] | n
#else
  skip
#endif
}

/* ---- parts of transactions -------------------------------------------------------------- */

inline begin_lane(e) {
  lane[e].step = PLAN; lane[e].target = NO_VERSION; lane[e].attempt = 0; lane[e].number = 0
}

/* The rejected version is held by the very transaction that takes the environment. */
inline own(e, r) {
  head[e].slot = OWNED_BY(r);
#ifndef M_NO_HOLD
  head[e].holds = head[e].holds | SET(REJECTED);
#endif
  begin_lane(e);
  wrote_head(e)
}

inline open(r) {
  assert(rollback[r].state == ABSENT);           /* 1, 9: one rollback of a deployment, ever */
  rollback[r].state = RUNNING;
  WAKE(r);
#ifdef M_NOTICE_OUTSIDE
  if :: r == FULL -> notice(r, STARTED) :: else -> owed = 1 fi
#else
  notice(r, STARTED)
#endif
}

inline end_rollback(r, how) {
  assert(rollback[r].state == RUNNING);          /* 3: one terminal record, never rewritten */
  rollback[r].state = how;
  rollback[r].holder = 0;
  wrote_rollback(r);
  notice(r, ENDED)
}

inline free_slot(e) {
  head[e].slot = 0;
  begin_lane(e);
  wrote_head(e)
}

/* A stage rollback ends, and its slot passes to the full one, in one transaction. */
inline hand_over(e) {
  assert(head[e].slot == OWNED_BY(e));           /* 1 */
  end_rollback(e, HANDED_OVER);
  if
  :: rollback[FULL].state == ABSENT -> open_full()
  :: else ->
     assert(rollback[FULL].state == RUNNING);    /* 10: it can't have ended without us */
     WAKE(FULL);
     wrote_rollback(FULL)
  fi;
  own(e, FULL)
}
inline open_full() { rollback[FULL].state = RUNNING; WAKE(FULL); notice(FULL, STARTED) }

/* One environment's part of a success. */
inline restored(e, r) {
  assert(head[e].slot == OWNED_BY(r));                              /* 1 */
  assert(!IS_HELD(e, lane[e].target));                              /* 2 */
  assert(shows[POINTER_OF(e)] == lane[e].target);                   /* 6: it is what runs .. */
#if !defined(M_SKIP_STAMP) && !defined(M_NO_FENCE)                  /* (more than numbers must break) */
  assert(lane[e].number == 0 || stamp[POINTER_OF(e)] == lane[e].number);  /* .. under our number */
#endif
#ifndef POINTER_ONLY
  assert(shows[e] == lane[e].target);                               /* 4 */
#endif
  head[e].live = lane[e].target;
  head[e].current = 0;
  free_slot(e)
}

/* One environment's part of giving up for good. */
inline left_to_people(e) {
  assert(head[e].slot == OWNED_BY(FULL));                           /* 1 */
  if
  :: lane[e].step == DONE -> head[e].live = lane[e].target; head[e].current = 0
  :: else
  fi;
  head[e].people = 1;
  free_slot(e)
}

/* ---- intake ----------------------------------------------------------------------------- */

#define ENV_OF(t) ((t) % ENVIRONMENTS)

/* The whole decision about a signal; the trigger record and what follows from it are one. */
inline take_in(t, e) {
  if
  :: became[t] != 0 -> skip                                         /* a duplicate */
  :: else ->
     if
     :: head[e].current != 1 -> became[t] = STALE
     :: head[e].current == 1 && head[e].people -> became[t] = OWNED_BY(FULL)
     :: head[e].current == 1 && !head[e].people && head[e].slot != 0 -> became[t] = head[e].slot
     :: head[e].current == 1 && !head[e].people && head[e].slot == 0 ->
        if
        :: rollback[FULL].state == RUNNING -> became[t] = OWNED_BY(FULL)
        :: else -> became[t] = OWNED_BY(e); open(e); own(e, e)
        fi
     fi
  fi
}

proctype Intake() {
  byte t;
#ifdef M_NOTICE_OUTSIDE
  bool owed;
#endif
wait:
end:
  atomic {
    if
    :: copies[0] > 0 -> t = 0
#if TRIGGERS > 1
    :: copies[1] > 0 -> t = 1
#endif
#if TRIGGERS > 2
    :: copies[2] > 0 -> t = 2
#endif
    fi;
    copies[t]--                                  /* received, not yet acknowledged */
  }
#ifdef M_ACK_EARLY
  acknowledged[t] = 1;
  atomic { if :: faults < FAULTS -> faults++; t = 0; goto wait :: true fi };
#endif
#ifdef M_CHECK_THEN_ACT
  if                                             /* the check .. */
  :: became[t] == 0 && head[ENV_OF(t)].current == 1 && !head[ENV_OF(t)].people &&
     head[ENV_OF(t)].slot == 0 && rollback[FULL].state == ABSENT ->
     atomic { became[t] = OWNED_BY(ENV_OF(t)); open(ENV_OF(t)); own(ENV_OF(t), ENV_OF(t));
              goto acknowledge }                 /* .. and the act, without comparing */
  :: else
  fi;
#endif
  atomic {
    if
    :: faults < FAULTS -> faults++; copies[t]++; t = 0; goto wait   /* dies: delivered again */
    :: true
    fi;
    take_in(t, ENV_OF(t))
  }
acknowledge:
  atomic {
#ifdef M_NOTICE_OUTSIDE
    if
    :: owed -> if :: faults < FAULTS -> faults++ :: notice(ENV_OF(t), STARTED) fi; owed = 0
    :: else
    fi;
#endif
    if
    :: faults < FAULTS -> faults++; copies[t]++                     /* dies: delivered again */
    :: faults < FAULTS -> faults++; copies[t]++; acknowledged[t] = 1   /* comes again anyway */
    :: acknowledged[t] = 1
    fi;
#ifndef M_ACK_EARLY
    assert(!acknowledged[t] || became[t] != 0);                     /* 5: durable before the ack */
#endif
    t = 0;
    goto wait
  }
}

/* ---- workers ---------------------------------------------------------------------------- */

/* Unfenced infrastructure: nobody looks or issues there while an earlier request may live. */
#define LIVES(i, e) (flight[i] != 0 && RESOURCE(flight[i]) == (e))
#if defined(UNFENCED) && !defined(M_NO_QUIET)
#if FLIGHT == 1
#define QUIET(e) (!LIVES(0, e))
#elif FLIGHT == 2
#define QUIET(e) (!LIVES(0, e) && !LIVES(1, e))
#else
#define QUIET(e) (!LIVES(0, e) && !LIVES(1, e) && !LIVES(2, e))
#endif
#else
#define QUIET(e) true
#endif

/* M_WAIT_HOLDING: a stage rollback that gave up keeps its slot until all the others are free. */
#if ENVIRONMENTS > 1
#define OTHERS_FREE(e) (head[1 - (e)].slot == 0 || head[1 - (e)].slot == OWNED_BY(FULL))
#else
#define OTHERS_FREE(e) true
#endif

/* wake_at has passed: there is something to do (a wait is not something to do) */
#define LANE_DUE(e) \
  ((lane[e].step != INFRA || QUIET(e)) && (lane[e].step != BLOCKED || OTHERS_FREE(e)))
#define FULL_LANE_DUE(e) \
  (head[e].slot == 0 || (head[e].slot == OWNED_BY(FULL) && lane[e].step < DONE && LANE_DUE(e)))
#define SETTLED(e) (head[e].slot == OWNED_BY(FULL) && lane[e].step >= DONE)
#if ENVIRONMENTS > 1
#define ALL_SETTLED (SETTLED(0) && SETTLED(1))
#define FULL_DUE    (FULL_LANE_DUE(0) || FULL_LANE_DUE(1) || ALL_SETTLED)
#define ANY_FAILED  (lane[0].step == FAILED || lane[1].step == FAILED)
#else
#define ALL_SETTLED SETTLED(0)
#define FULL_DUE    (FULL_LANE_DUE(0) || ALL_SETTLED)
#define ANY_FAILED  (lane[0].step == FAILED)
#endif

/* The lease: free, or its holder is dead, or it lapses under a living holder (a fault). */
#define HOLDER_LIVES(r) (rollback[r].holder != 0 && mine[rollback[r].holder - 1] == OWNED_BY(r))
#define CLAIMABLE(r) \
  (rollback[r].state == RUNNING && WOKEN(r) && (!HOLDER_LIVES(r) || faults < FAULTS))

/* Done means seen under our own number: an older request may still be on its way. */
#define UNDER_OUR_NUMBER(e, x) (lane[e].number != 0 && stamp[x] == lane[e].number)
#define LANE_RESOURCE(e) (lane[e].step == INFRA -> (e) : POINTER_OF(e))
#define LANE_VALUE(e) (lane[e].step == BARRIER -> NO_VERSION : lane[e].target)
#if defined(M_SKIP_STAMP)
#define STEP_DONE(e) (lane[e].step == BARRIER \
  -> UNDER_OUR_NUMBER(e, POINTER_OF(e)) : shows[LANE_RESOURCE(e)] == lane[e].target)
#elif defined(M_LEASE_FENCE)
#define STEP_DONE(e) (UNDER_OUR_NUMBER(e, LANE_RESOURCE(e)) && \
  (lane[e].step == BARRIER || shows[LANE_RESOURCE(e)] == lane[e].target))
#elif defined(UNFENCED)
#define STEP_DONE(e) (lane[e].step == INFRA \
  -> shows[e] == lane[e].target : UNDER_OUR_NUMBER(e, POINTER_OF(e)))
#else
#define STEP_DONE(e) UNDER_OUR_NUMBER(e, LANE_RESOURCE(e))
#endif
#ifdef M_NO_RECHECK
#define TURNED_BAD(e) false
#else
#define TURNED_BAD(e) KNOWN_BAD(e, lane[e].target)
#endif
#ifdef POINTER_ONLY
#define LOOKS_RIGHT(e) (shows[POINTER_OF(e)] == lane[e].target)
#else
#define LOOKS_RIGHT(e) (shows[POINTER_OF(e)] == lane[e].target && shows[e] == lane[e].target)
#endif

/* LOOK, the decision for one lane. Sets `decision` and, for AIM, `version`. */
inline decide(e) {
  if
  :: head[e].slot == 0 -> decision = TAKE
  :: head[e].slot != 0 && lane[e].step == PLAN ->
     decision = AIM;
     if
     :: head[e].current != 1 && !KNOWN_BAD(e, head[e].live) -> version = head[e].live
     :: else ->                                  /* the environment runs the rejected version */
        if
        :: !KNOWN_BAD(e, OLD) -> version = OLD
        :: KNOWN_BAD(e, OLD) && !KNOWN_BAD(e, OLDER) -> version = OLDER
        :: else -> decision = GIVE_UP
        fi
     fi
  :: head[e].slot != 0 && lane[e].step > PLAN && lane[e].step < VERIFY ->
     if
     :: TURNED_BAD(e) -> decision = REPLAN
     :: else ->
        if
        :: STEP_DONE(e) -> decision = OUTCOME
        :: else -> decision = (lane[e].attempt >= TRIES -> GIVE_UP : INTENT)
        fi
     fi
  :: head[e].slot != 0 && lane[e].step == VERIFY ->
     if
     :: KNOWN_BAD(e, lane[e].target) -> decision = REPLAN
     :: else ->
        if
        :: LOOKS_RIGHT(e) -> decision = (r == FULL -> OUTCOME : SUCCEED)   /* alarms say yes */
        :: decision = REJECT                                              /* or no */
        fi
     fi
  :: head[e].slot != 0 && lane[e].step == BLOCKED -> decision = GIVE_UP
  fi
}

/* A request was put into the last place: sort the bag. */
inline sort() {
  d_step {
#if FLIGHT > 2
    if
    :: flight[2] > flight[1] -> swap = flight[1]; flight[1] = flight[2]; flight[2] = swap
    :: else
    fi;
#endif
#if FLIGHT > 1
    if
    :: flight[1] > flight[0] -> swap = flight[0]; flight[0] = flight[1]; flight[1] = swap
    :: else
    fi;
#endif
    swap = 0
  }
}

/* COMMIT of an intent: the number is taken, and the request leaves with exactly that number.
   (Dying in between is a lost request, stalling in between a delayed one; both are in Wire.) */
inline intent(e) {
#if !defined(M_NO_CAS) && !defined(M_NO_LEASE_CAS)
  assert(head[e].slot == OWNED_BY(r));                              /* 1: only the owner touches */
#endif
  assert(!IS_HELD(e, lane[e].target));                              /* 2 */
#ifndef M_LEASE_FENCE
  head[e].operations++;
#endif
  lane[e].number = head[e].operations;
  lane[e].attempt++;
  wrote_head(e);
  wrote_rollback(r);
#ifdef M_NUMBER_REREAD
  version = LANE_VALUE(e);
  resource = LANE_RESOURCE(e)
#else
  LAST = REQUEST(lane[e].number, r, LANE_RESOURCE(e), LANE_VALUE(e));
  sort()
#endif
}

inline give_up(e) {
  if
  :: r == FULL -> lane[e].step = FAILED; lane[e].attempt = 0; lane[e].number = 0;
     wrote_rollback(r)
#ifdef M_WAIT_HOLDING
  :: r != FULL && !OTHERS_FREE(e) ->
     begin_lane(e); lane[e].step = BLOCKED; wrote_rollback(r)
  :: r != FULL && OTHERS_FREE(e) -> hand_over(e)
#else
  :: r != FULL -> hand_over(e)
#endif
  fi
}

inline forget() {                                /* what was read and decided, not the lease */
  e = 0; decision = 0; version = NO_VERSION; scope[w] = 0; fresh[w] = 0
}
inline drop() { forget(); r = 0; mine[w] = 0 }

proctype Worker(byte w) {
  byte r, e, decision, version = NO_VERSION;
#ifdef M_NUMBER_REREAD
  byte resource;
#endif

idle:
end:
  atomic {                                       /* claim: epoch + 1 */
    if
    :: CLAIMABLE(0) && LANE_DUE(0) -> r = 0
#if ENVIRONMENTS > 1
    :: CLAIMABLE(1) && LANE_DUE(1) -> r = 1
#endif
    :: CLAIMABLE(FULL) && FULL_DUE -> r = FULL
    fi;
    if :: HOLDER_LIVES(r) -> faults++; SEEN(lapsed) :: else fi;
#ifdef M_NO_SWEEPER
    wake[r]--;
#endif
#ifdef M_LEASE_FENCE
    if :: head[0].slot == OWNED_BY(r) -> head[0].operations++; wrote_head(0) :: else fi;
#if ENVIRONMENTS > 1
    if :: head[1].slot == OWNED_BY(r) -> head[1].operations++; wrote_head(1) :: else fi;
#endif
#endif
    wrote_rollback(r);
    rollback[r].holder = OWNED_BY(w);
    mine[w] = OWNED_BY(r)
  }

look:
  atomic {                                       /* read, observe, decide */
    if
    :: rollback[r].state != RUNNING || rollback[r].holder != OWNED_BY(w) -> drop(); goto idle
    :: else
    fi;
    if
    :: r != FULL && LANE_DUE(r) -> e = r; scope[w] = OWNED_BY(e); decide(e)
    :: r == FULL && FULL_LANE_DUE(0) -> e = 0; scope[w] = OWNED_BY(e); decide(e)
#if ENVIRONMENTS > 1
    :: r == FULL && FULL_LANE_DUE(1) -> e = 1; scope[w] = OWNED_BY(e); decide(e)
#endif
    :: r == FULL && ALL_SETTLED ->
       scope[w] = EVERY;
       if
       :: ANY_FAILED -> decision = ESCALATE
       :: !ANY_FAILED && KNOWN_BAD(0, lane[0].target) -> e = 0; decision = REPLAN
#if ENVIRONMENTS > 1
       :: !ANY_FAILED && KNOWN_BAD(1, lane[1].target) -> e = 1; decision = REPLAN
       :: !ANY_FAILED && !KNOWN_BAD(0, lane[0].target) && !KNOWN_BAD(1, lane[1].target) ->
          decision = SUCCEED
#else
       :: !ANY_FAILED && !KNOWN_BAD(0, lane[0].target) -> decision = SUCCEED
#endif
       fi
    :: else ->                                   /* a wait: nobody holds a lease through it */
       rollback[r].holder = 0; drop(); goto idle
    fi;
    fresh[w] = 1
  }

  atomic {                                       /* COMMIT: compare, write */
    if
    :: faults < FAULTS -> faults++; SEEN(died); drop(); goto idle          /* dies */
    :: !fresh[w] -> forget(); goto look                                    /* somebody wrote */
    :: fresh[w] && decision == TAKE -> own(e, FULL); wrote_rollback(r)
    :: fresh[w] && decision == AIM ->
       lane[e].target = version; lane[e].attempt = 0; lane[e].number = 0;
       /* an environment that left the rejected version already is verified and left alone */
       lane[e].step = (head[e].current != 1 && version == head[e].live -> VERIFY : FIRST_STEP);
       wrote_rollback(r)
    :: fresh[w] && decision == REPLAN -> begin_lane(e); wrote_rollback(r)
    :: fresh[w] && decision == INTENT && ROOM -> intent(e)
    :: fresh[w] && decision == OUTCOME ->
       lane[e].attempt = 0;
       if
       :: lane[e].step == VERIFY -> lane[e].step = DONE
       :: lane[e].step == POINTER -> lane[e].step++              /* its number stays: it was seen */
       :: else -> lane[e].step++; lane[e].number = 0
       fi;
       wrote_rollback(r)
    :: fresh[w] && decision == GIVE_UP -> give_up(e)
    :: fresh[w] && decision == REJECT ->
       head[e].holds = head[e].holds | SET(lane[e].target); wrote_head(e); give_up(e)
    :: fresh[w] && decision == SUCCEED ->
       if
       :: r != FULL -> restored(e, r); WAKE(FULL)
       :: else ->
          restored(0, FULL);
#if ENVIRONMENTS > 1
          restored(1, FULL)
#endif
       fi;
       end_rollback(r, SUCCEEDED)
    :: fresh[w] && decision == ESCALATE ->
       left_to_people(0);
#if ENVIRONMENTS > 1
       left_to_people(1);
#endif
       end_rollback(r, ESCALATED);
       notice(r, INCIDENT)                                          /* 13 */
    fi;
#ifdef M_NUMBER_REREAD
    if :: decision == INTENT -> decision = 0; goto leave :: else fi;
#endif
    if
    :: rollback[r].state != RUNNING -> drop(); goto idle
    :: else -> forget(); goto look
    fi
  }
#ifdef M_NUMBER_REREAD
leave:                                           /* the number in the record may be another's */
  atomic {
    ROOM -> LAST = REQUEST(lane[e].number, r, resource, version); sort();
    resource = 0; forget(); goto look
  }
#endif
}

/* ---- the wire and the target ------------------------------------------------------------ */

#if defined(M_NO_FENCE)
#define ACCEPTED(q) true
#elif defined(M_LEASE_FENCE)
#define ACCEPTED(q) (NUMBER(q) >= stamp[RESOURCE(q)])   /* or one lease could not try twice */
#elif defined(UNFENCED)
#define ACCEPTED(q) (RESOURCE(q) < ENVIRONMENTS || NUMBER(q) > stamp[RESOURCE(q)])
#else
#define ACCEPTED(q) (NUMBER(q) > stamp[RESOURCE(q)])
#endif

inline land(q) {
  if
  :: ACCEPTED(q) ->
     if
     :: VALUE(q) != NO_VERSION ->
        if                                       /* 4: nothing of a finished rollback lands, .. */
        :: OWNER(q) != DEPLOYMENT -> assert(rollback[OWNER(q)].state != SUCCEEDED)
#ifdef DEPLOYS
        :: OWNER(q) == DEPLOYMENT && VALUE(q) == REJECTED && NUMBER(q) == 1 ->
           assert(rollback[0].state != SUCCEEDED && rollback[FULL].state != SUCCEEDED)
        :: OWNER(q) == DEPLOYMENT && NUMBER(q) != 1 -> assert(head[0].slot == 0)     /* 1 */
#endif
        fi;
#ifndef POINTER_ONLY
        /* .. and the application is never put on another version's infrastructure */
        assert(RESOURCE(q) < ENVIRONMENTS || shows[RESOURCE(q) - ENVIRONMENTS] == VALUE(q));
#endif
        shows[RESOURCE(q)] = VALUE(q)
     :: else
     fi;
     stamp[RESOURCE(q)] = NUMBER(q)
  :: else
  fi
}

inline vanish(i) {
  d_step {
    flight[i] = 0;
#if FLIGHT > 1
    if :: i == 0 -> flight[0] = flight[1]; flight[1] = 0 :: else fi;
#endif
#if FLIGHT > 2
    if :: flight[1] == 0 -> flight[1] = flight[2]; flight[2] = 0 :: else fi;
#endif
    skip
  }
}

/* Any request, in any order, at any time: lands, is lost, or lands and lands again later. */
#define MOVES(i) \
  :: atomic { flight[i] != 0 -> land(flight[i]); vanish(i) } \
  :: atomic { flight[i] != 0 -> vanish(i) } \
  :: atomic { flight[i] != 0 && faults < FAULTS && ACCEPTED(flight[i]) -> faults++; land(flight[i]) }

proctype Wire() {
end:
  do
  MOVES(0)
#if FLIGHT > 1
  MOVES(1)
#endif
#if FLIGHT > 2
  MOVES(2)
#endif
  od
}

/* ---- the others ------------------------------------------------------------------------- */

/* A person, a scan, another rollback: a version turns out bad, in one environment, at any time. */
proctype Judge() {
  byte e;
  if
  :: e = 0
#if ENVIRONMENTS > 1
  :: e = 1
#endif
  :: goto silent
  fi;
  atomic { head[e].holds = head[e].holds | SET(OLD); wrote_head(e) }
#ifdef JUDGE_BOTH
  if
  :: atomic { head[e].holds = head[e].holds | SET(OLDER); wrote_head(e) }
  :: skip
  fi;
#endif
silent:
  e = 0
}

#ifdef M_STALE_INDEX
proctype Index() {
end:
  do
  :: index[0] != head[0].holds -> index[0] = head[0].holds
#if ENVIRONMENTS > 1
  :: index[1] != head[1].holds -> index[1] = head[1].holds
#endif
  od
}
#endif

#ifdef DEPLOYS
/* The pipeline runs again: the rejected version once more, or a newer one. */
proctype Pipeline() {
  byte version, number;
  if :: version = REJECTED :: version = NEWER :: goto nothing fi;
  atomic {                                       /* deploy begin */
    if
#ifdef M_NO_FREEZE
    :: !head[0].people && !IS_HELD(0, version) ->
#else
    :: head[0].slot == 0 && !head[0].people && !IS_HELD(0, version) ->
#endif
       assert(version != REJECTED || rollback[0].state == ABSENT);   /* a rejected one stays out */
       ROOM;
       head[0].current = 2; head[0].operations++; number = head[0].operations;
       wrote_head(0);
       LAST = REQUEST(number, DEPLOYMENT, POINTER_OF(0), version); sort()
    :: else -> goto nothing                      /* refused: frozen, waiting for people, held */
    fi
  }
  atomic {                                       /* deploy end, seen under its number, or not */
    if
    :: stamp[POINTER_OF(0)] == number && head[0].current == 2 && head[0].slot == 0 ->
       head[0].live = version; wrote_head(0)
    :: true
    fi
  }
nothing:
  atomic { version = 0; number = 0 }
}
#endif

#ifdef OUTBOX
/* Tells first, removes the row second; dying in between tells twice. */
#define TELL(r, n) \
  :: outbox[r] & n -> told[r] = told[r] | n; \
     atomic { if :: faults < FAULTS -> faults++ :: outbox[r] = outbox[r] - n fi }
proctype Courier() {
end:
  do
  TELL(0, STARTED)
  TELL(0, ENDED)
#if ENVIRONMENTS > 1
  TELL(1, STARTED)
  TELL(1, ENDED)
#endif
  TELL(FULL, STARTED)
  TELL(FULL, ENDED)
  TELL(FULL, INCIDENT)
  od
}
#endif

/* ---- at rest: nothing can move any more ------------------------------------------------- */

#define TROUBLE (died && lapsed)
#define STATE(r, s) (rollback[r].state == s)

proctype Rest() {
  byte i;
  timeout ->
  atomic {
#if COVER == 1
    assert(!(STATE(0, SUCCEEDED) && STATE(FULL, ABSENT) && TROUBLE));
#elif COVER == 2
    assert(!(STATE(0, HANDED_OVER) && STATE(FULL, SUCCEEDED) && TROUBLE));
#elif COVER == 3
    assert(!(STATE(FULL, ESCALATED) && TROUBLE));
#elif COVER == 4
    assert(!(became[TRIGGERS - 1] == STALE));
#elif COVER == 5
    assert(!(STATE(0, HANDED_OVER) && STATE(ENVIRONMENTS - 1, HANDED_OVER) && STATE(FULL, SUCCEEDED)));
#elif COVER == 6
    assert(!(STATE(0, SUCCEEDED) && STATE(ENVIRONMENTS - 1, HANDED_OVER) && STATE(FULL, SUCCEEDED)));
#elif COVER == 7
    assert(!(STATE(0, SUCCEEDED) && head[0].live == OLDER));
#endif
    i = 0;
    do
    :: i < TRIGGERS ->
       assert(acknowledged[i] && became[i] != 0);                   /* 5 */
       if
       :: became[i] == STALE -> assert(head[ENV_OF(i)].current != 1)
       :: else -> assert(TERMINAL(rollback[became[i] - 1].state))   /* 3 */
       fi;
       i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < ROLLBACKS ->
       assert(STATE(i, ABSENT) || TERMINAL(rollback[i].state));     /* 7, 11: nothing is stuck */
       assert(!STATE(i, HANDED_OVER) || STATE(FULL, SUCCEEDED) || STATE(FULL, ESCALATED));  /* 10 */
#ifdef OUTBOX
       assert(outbox[i] == 0);                                      /* 7 */
       assert(STATE(i, ABSENT) || (told[i] & (STARTED + ENDED)) == STARTED + ENDED);   /* 8 */
       assert(STATE(i, ESCALATED) == ((told[i] & INCIDENT) != 0));  /* 13 */
#endif
       i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < ENVIRONMENTS ->
       assert(head[i].slot == 0);                                   /* 7 */
       assert(head[i].people == STATE(FULL, ESCALATED));            /* 13 */
       assert(STATE(i, ABSENT) || IS_HELD(i, REJECTED));
       assert(!STATE(FULL, SUCCEEDED) || head[i].current != 1);     /* 10: it missed nobody */
       if                                                           /* 4, 6: and still so */
       :: head[i].current == 0 && !head[i].people ->
          assert(shows[POINTER_OF(i)] == head[i].live);
#ifndef POINTER_ONLY
          assert(shows[i] == head[i].live);
#endif
          assert(head[i].live != REJECTED)
       :: else
       fi;
       i++
    :: else -> break
    od;
    i = 0
  }
}

init {
  byte i;
  atomic {
    do
    :: i < ENVIRONMENTS ->
       head[i].live = REJECTED; head[i].current = 1;
       shows[i] = REJECTED; shows[POINTER_OF(i)] = REJECTED;
       lane[i].target = NO_VERSION; i++
    :: else -> i = 0; break
    od;
#ifdef DEPLOYS
    /* the failing deployment is still under way: its own request has not landed yet */
    head[0].operations = 1; head[0].live = OLD; shows[POINTER_OF(0)] = OLD;
    LAST = REQUEST(1, DEPLOYMENT, POINTER_OF(0), REJECTED); sort();
#endif
    do :: i < TRIGGERS -> copies[i] = 1; i++ :: else -> i = 0; break od;
    do :: i < INTAKES -> run Intake(); i++ :: else -> i = 0; break od;
    do :: i < WORKERS -> run Worker(i); i++ :: else -> i = 0; break od;
    run Wire(); run Judge(); run Rest();
#ifdef M_STALE_INDEX
    run Index();
#endif
#ifdef DEPLOYS
    run Pipeline();
#endif
#ifdef OUTBOX
    run Courier();
#endif
  }
}
