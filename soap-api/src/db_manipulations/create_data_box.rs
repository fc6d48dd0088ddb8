//! `CreateDataBox` (XSD `tCreateDBInput` and `tCreateDBOutput`): the first generation, which splits names and names
//! the superior box outside of `dbOwnerInfo`.

use super::create_data_box2;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    create_data_box2::serve(call).await
}
