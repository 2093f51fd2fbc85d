-- Acts are chained while they are committed: docs/adr/0021.

-- Working rows of the transaction that is being committed; nobody ever sees one of another.
CREATE TABLE audit_auditpending (transaction bigint PRIMARY KEY, first_entry bigint NOT NULL);

-- length:bytes, as a netstring; a column without value is told apart from an empty one.
CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value IS NULL THEN '-' ELSE octet_length(value)::text || ':' || value || ',' END
$$;

CREATE FUNCTION audit_hash(before bytea, chain bigint, sequence bigint, e audit_auditentry)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(before || convert_to(
        audit_field(chain::text) || audit_field(sequence::text) || audit_field(e.id::text)
        || audit_field(to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        || audit_field(e.actor_label) || audit_field(e.person_id::text) || audit_field(e.school_id::text)
        || audit_field(e.action) || audit_field(e.subject_type) || audit_field(e.subject_id)
        || audit_field(e.data::text), 'UTF8'))
$$;

-- Everything from `first` on that is not chained: acts of this transaction, since those of others are chained
-- before they can be seen. Heads are locked in one order, so that two transactions never wait for each other.
-- The newest acts are reached by their key: a plan for tables of unknown size would read them whole.
CREATE FUNCTION audit_chain_from(first bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    act audit_auditentry;
    head audit_audithead;
BEGIN
    FOR act IN
        SELECT * FROM audit_auditentry e WHERE e.id >= first
        AND (SELECT l.entry_id FROM audit_auditlink l WHERE l.entry_id = e.id) IS NULL
        ORDER BY coalesce(e.school_id, 0), e.id
    LOOP
        IF head.chain IS DISTINCT FROM coalesce(act.school_id, 0) THEN
            UPDATE audit_audithead h SET sequence = head.sequence, hash = head.hash WHERE h.chain = head.chain;
            head := audit_locked_head(coalesce(act.school_id, 0));
        END IF;
        head.sequence := head.sequence + 1;
        head.hash := audit_hash(head.hash, head.chain, head.sequence, act);
        INSERT INTO audit_auditlink (entry_id, chain, sequence, hash)
            VALUES (act.id, head.chain, head.sequence, head.hash);
    END LOOP;
    UPDATE audit_audithead h SET sequence = head.sequence, hash = head.hash WHERE h.chain = head.chain;
END $$;

-- The head of a chain, held until the commit is over; the first act of a school makes it.
CREATE FUNCTION audit_locked_head(which bigint) RETURNS audit_audithead LANGUAGE plpgsql AS $$
DECLARE head audit_audithead;
BEGIN
    LOOP
        SELECT * INTO head FROM audit_audithead h WHERE h.chain = which FOR UPDATE;
        IF FOUND THEN RETURN head; END IF;
        INSERT INTO audit_audithead (chain, sequence, hash) VALUES (which, 0, decode(repeat('00', 32), 'hex'))
            ON CONFLICT DO NOTHING;
    END LOOP;
END $$;

-- First step of a commit: remember that there is something to chain. The second step is queued behind every other
-- check of the commit, so that no row lock is waited for while a head is held.
CREATE FUNCTION audit_entry_comes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_auditpending AS p (transaction, first_entry)
        VALUES (pg_current_xact_id()::text::bigint, NEW.id)
        ON CONFLICT (transaction) DO UPDATE SET first_entry = EXCLUDED.first_entry
        WHERE EXCLUDED.first_entry < p.first_entry;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_entry_comes AFTER INSERT ON audit_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_entry_comes();

CREATE FUNCTION audit_chain_pending() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE first bigint;
BEGIN
    DELETE FROM audit_auditpending WHERE transaction = NEW.transaction RETURNING first_entry INTO first;
    IF FOUND THEN PERFORM audit_chain_from(first); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain_pending AFTER INSERT ON audit_auditpending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_chain_pending();

-- A head moves on, never back.
CREATE FUNCTION audit_head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.chain <> OLD.chain OR NEW.sequence <= OLD.sequence THEN
        RAISE EXCEPTION 'the head of an audit chain only moves on';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_audithead
    FOR EACH ROW EXECUTE FUNCTION audit_head_moves_on();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_audithead
    FOR EACH ROW EXECUTE FUNCTION audit_refuses_change();
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE ON audit_auditlink
    FOR EACH ROW EXECUTE FUNCTION audit_refuses_change();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_auditentry EXECUTE FUNCTION audit_refuses_change();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_auditlink EXECUTE FUNCTION audit_refuses_change();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_audithead EXECUTE FUNCTION audit_refuses_change();

-- Nobody but the triggers calls these: a trigger on a table of one's own needs EXECUTE.
REVOKE ALL ON FUNCTION audit_chain_from(bigint), audit_entry_comes(), audit_chain_pending() FROM PUBLIC;
REVOKE ALL ON TABLE audit_auditpending FROM PUBLIC;

-- What was written before there were chains, in the order in which it was written.
SELECT audit_chain_from(0);
