-- A board for every data set that a job answers.
SELECT d.dataset_id::text                                AS id,
       'Accuracy, ' || d.name                            AS title,
       jsonb_build_object('dataset_id', d.dataset_id)    AS parameters
FROM evaluation.datasets AS d
WHERE EXISTS (SELECT FROM evaluation.modelpromptstatus AS j WHERE j.dataset_id = d.dataset_id)
ORDER BY d.dataset_id
